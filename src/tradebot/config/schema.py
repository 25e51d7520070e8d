"""The document as JSON Schema, by which an editor completes and checks it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from tradebot.config.document import Configuration

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _Schema(GenerateJsonSchema):
    """Decimals are numbers of a document, never text."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        bounds: JsonSchemaValue = {"type": "number"}
        self.update_with_validations(bounds, schema, self.ValidationsMapping.numeric)
        return bounds

    def encode_default(self, dft: Any) -> Any:
        return float(dft) if isinstance(dft, Decimal) else super().encode_default(dft)


def json_schema() -> dict[str, Any]:
    """Schema of one document. What sections say against each other, and what a strategy knows, it leaves open."""
    schema = Configuration.model_json_schema(schema_generator=_Schema)
    # The strategy stands by itself or in the engine, and once.
    schema["$defs"]["Engine"]["properties"]["strategy"] = schema["properties"]["strategy"]
    schema["required"].remove("strategy")
    in_engine = {"required": ["engine"], "properties": {"engine": {"required": ["strategy"]}}}
    return {"$schema": _DIALECT, **schema, "oneOf": [{"required": ["strategy"]}, in_engine]}
