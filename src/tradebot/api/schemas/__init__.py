"""The shapes of questions and answers, as the OpenAPI document tells them."""
