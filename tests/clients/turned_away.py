"""Callers with a wrong secret, key, API key or clock."""

import datetime
import os
import unittest.mock

import boto3
import botocore.exceptions

from replay_server import API_KEY, SECRET, Replay, client


def turn_away(binary, tapes):
    """Each must be turned away by the name that the service uses."""
    with Replay(binary, str(tapes), "--speed", "max") as server:
        signed(server.url)
    # botocore sends an API key over https only.
    certificate = str(tapes.parent / "certificate.pem")
    with Replay(binary, str(tapes), "--speed", "max", "--tls", "--tls-cert", certificate) as server:
        by_key(server.url, certificate)


def signed(url):
    runtime = "bedrock-runtime"
    rejected("wrong secret", client(runtime, url, secret=SECRET[::-1]), 403, "InvalidSignatureException",
             "The request signature we calculated does not match the signature you provided.")
    rejected("unknown access key id", client(runtime, url, key_id="AKIDOTHER"), 403,
             "UnrecognizedClientException", "The security token included in the request is invalid.")
    for minutes, name, message in ((-6, "slow", "Signature expired: "), (6, "fast", "Signature not yet current: ")):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
        now = now.replace(tzinfo=None)
        with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *_, now=now, **__: now):
            rejected(f"{name} clock", client(runtime, url), 403, "InvalidSignatureException", message)


def by_key(url, certificate):
    for what, key, *expected in (
        ("wrong API key", API_KEY[::-1], 403, "AccessDeniedException",
         "Authentication failed: Please make sure your API Key is valid."),
        ("right API key, no tape", API_KEY, 404, "TapeNotFoundException", "a.b-v1:0"),
    ):
        with unittest.mock.patch.dict(os.environ, {"AWS_BEARER_TOKEN_BEDROCK": key}):
            bedrock = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=url, verify=certificate)
            rejected(what, bedrock, *expected)


def rejected(what, bedrock, status, code, message):
    try:
        bedrock.converse(modelId="a.b-v1:0", messages=[{"role": "user", "content": [{"text": "hi"}]}])
    except botocore.exceptions.ClientError as error:
        found = error.response
        assert found["ResponseMetadata"]["HTTPStatusCode"] == status, found
        assert found["Error"]["Code"] == code, found
        assert message in found["Error"]["Message"], found
        assert found["ResponseMetadata"].get("RequestId"), found
        print(f"{what}: {status} {code}")
        return
    raise AssertionError(f"{code} was expected, and the call went through")
