"""The CloudFormation templates of deploy/ec2 as values: `!Ref x` is {"Ref": "x"}, `!Sub x` is {"Fn::Sub": "x"}, ..."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

EC2 = Path(__file__).parents[1] / "deploy" / "ec2"
TEMPLATES = ("foundation", "monitoring", "stack", "billing")


class _Loader(yaml.SafeLoader):
    pass


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            value: Any = node.value
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = loader.construct_mapping(node, deep=True)
    return {name: value.split(".", 1) if suffix == "GetAtt" else value}


_Loader.add_multi_constructor("!", _tagged)


def text_of(name: str) -> str:
    return (EC2 / f"{name}.yaml").read_text()


@cache
def load(name: str) -> dict[str, Any]:
    return yaml.load(text_of(name), _Loader)  # safe: a SafeLoader


def resources(name: str, kind: str) -> dict[str, dict[str, Any]]:
    """Properties by logical name, of the resources of *kind* (`AWS::CloudWatch::Alarm`)."""
    found = load(name)["Resources"].items()
    return {logical: resource["Properties"] for logical, resource in found if resource["Type"] == kind}


def one(name: str, kind: str) -> dict[str, Any]:
    (properties,) = resources(name, kind).values()
    return properties


def strings(value: Any) -> Iterator[str]:
    """Every text in *value*, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)


def user_data(**values: str) -> str:
    """What a VM gets to read, with *values* for the names in it."""
    text, names = one("stack", "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]["UserData"]["Fn::Base64"]["Fn::Sub"]
    known = {"AWS::StackName": "slack-bot", "AWS::Region": "ap-northeast-2", "ParameterPrefix": "/slack-bot/prod"}
    known |= {name: name.lower() for name in names} | {"Postgres": "embedded"} | values
    for name, value in known.items():
        text = text.replace(f"${{{name}}}", value)
    return text
