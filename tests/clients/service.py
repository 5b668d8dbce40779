"""The operations as botocore's own service models have them."""

import base64
import datetime

import botocore
import botocore.parsers
import botocore.session
import botocore.utils
import botocore.validate

# Each with its service. InvokeModelWithBidirectionalStream is in no boto3.
OPERATIONS = {
    "Converse": "bedrock-runtime",
    "ConverseStream": "bedrock-runtime",
    "InvokeModel": "bedrock-runtime",
    "InvokeModelWithResponseStream": "bedrock-runtime",
    "CountTokens": "bedrock-runtime",
    "ApplyGuardrail": "bedrock-runtime",
    "InvokeGuardrailChecks": "bedrock-runtime",
    "StartAsyncInvoke": "bedrock-runtime",
    "GetAsyncInvoke": "bedrock-runtime",
    "ListAsyncInvokes": "bedrock-runtime",
    "ListFoundationModels": "bedrock",
    "GetFoundationModel": "bedrock",
    "ListInferenceProfiles": "bedrock",
    "GetInferenceProfile": "bedrock",
}
SERVICES = sorted(set(OPERATIONS.values()))

PARSER = botocore.parsers.create_parser("rest-json")

_SESSION = botocore.session.get_session()
_SERVICE_MODELS = {service: _SESSION.get_service_model(service) for service in SERVICES}


def operation_model(operation):
    return _SERVICE_MODELS[OPERATIONS[operation]].operation_model(operation)


def method_name(operation):
    """The operation's method of a boto3 client."""
    return botocore.xform_name(operation)


def is_stream(operation):
    return operation_model(operation).has_event_stream_output


def located(shape, location):
    """The members of a shape that stand in `uri`, `querystring` or `header`,
    as (member's name, name on the wire, shape)."""
    return [
        (name, member.serialization.get("name", name), member)
        for name, member in shape.members.items()
        if member.serialization.get("location") == location
    ]


def resource(operation, parameters):
    """What the path names: a model's id, an ARN, `GUARDRAIL:VERSION`, or ""."""
    shape = operation_model(operation).input_shape
    return ":".join(parameters[name] for name, _, _ in located(shape, "uri"))


def refusal(operation, parameters):
    """Why botocore's validation refuses parameters, or None."""
    shape = operation_model(operation).input_shape
    report = botocore.validate.ParamValidator().validate(parameters, shape)
    return report.generate_report() if report.has_errors() else None


def is_document(shape):
    return getattr(shape, "is_document_type", False)


def from_json(value, shape):
    """JSON as boto3 has it: blobs as bytes, times as datetimes."""
    if shape.type_name == "blob":
        return base64.b64decode(value, validate=True)
    if shape.type_name == "timestamp":
        return botocore.utils.parse_timestamp(value)
    return _each(value, shape, from_json)


def to_json(value, shape):
    """What `from_json` makes the value from."""
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    if shape.type_name == "timestamp":
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _each(value, shape, to_json)


def _each(value, shape, convert):
    """The value with its members, items or entries converted."""
    if shape.type_name == "structure" and not is_document(shape):
        # An unknown member is left for botocore's validation to name.
        return {
            name: convert(item, shape.members[name]) if name in shape.members else item
            for name, item in value.items()
        }
    if shape.type_name == "list":
        return [convert(item, shape.member) for item in value]
    if shape.type_name == "map":
        return {key: convert(item, shape.value) for key, item in value.items()}
    return value
