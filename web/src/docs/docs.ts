/** The page /docs: the OpenAPI document, from which requests can be tried. */
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import { answered, api } from "../api/client";

SwaggerUI({
  dom_id: "#docs",
  url: "/openapi.json",
  // Else the document is sent to a site of others, which judges it.
  validatorUrl: null,
  requestInterceptor: async (request) => {
    if (request.method === "GET" || request.loadSpec) return request;
    const { csrf_token } = await answered(api.GET("/api/v1/session"));
    if (csrf_token) request.headers["X-CSRF-Token"] = csrf_token;
    return request;
  },
});
