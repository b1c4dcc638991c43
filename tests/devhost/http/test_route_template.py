"""Templates, as ASP.NET's RoutePatternParserTest and InlineRouteParameterParserTests have them."""

import pytest

from devhost.http.route_template import Literal, Parameter, TemplateError, parse_template


def one(inside: str) -> Parameter:
    (((parameter),),) = parse_template("{" + inside + "}")
    assert isinstance(parameter, Parameter)
    return parameter


@pytest.mark.parametrize(
    ("inside", "parameter"),
    [
        ("p", Parameter("p")),
        ("p?", Parameter("p", optional=True)),
        ("p=abc", Parameter("p", default="abc")),
        ("p=", Parameter("p", default="")),
        ("*p", Parameter("p", catch_all=True)),
        ("**p", Parameter("p", catch_all=True)),
        ("*p=abc", Parameter("p", default="abc", catch_all=True)),
        ("p:int", Parameter("p", constraints=("int",))),
        ("p:int:min(3)?", Parameter("p", optional=True, constraints=("int", "min(3)"))),
        ("p:int=12", Parameter("p", default="12", constraints=("int",))),
        ("p:test(=)=12", Parameter("p", default="12", constraints=("test(=)",))),
        ("p:regex(^[a-z]+$)", Parameter("p", constraints=("regex(^[a-z]+$)",))),
        (r"p:regex(^\d{{4}}$)", Parameter("p", constraints=(r"regex(^\d{4}$)",))),
        ("p:regex(a:b)", Parameter("p", constraints=("regex(a:b)",))),
        ("p:regex(a(:)b):int", Parameter("p", constraints=("regex(a(:)b)", "int"))),
        ("p:regex((a|b))=x", Parameter("p", default="x", constraints=("regex((a|b))",))),
        ("p:length(3,5)", Parameter("p", constraints=("length(3,5)",))),
        ("p:open(", Parameter("p", constraints=("open(",))),
        ("p::int", Parameter("p", constraints=("int",))),
        ("p/q", None),
        ("p?=3", None),
    ],
)
def test_a_parameter(inside: str, parameter: Parameter | None) -> None:
    if parameter is None:
        with pytest.raises(TemplateError):
            one(inside)
    else:
        assert one(inside) == parameter


@pytest.mark.parametrize(
    ("template", "segments"),
    [
        ("", ()),
        ("api", ((Literal("api"),),)),
        ("/api/", ((Literal("api"),),)),
        ("~/api", ((Literal("api"),),)),
        ("a/{b}", ((Literal("a"),), (Parameter("b"),))),
        ("v{a}.{b}", ((Literal("v"), Parameter("a"), Literal("."), Parameter("b")),)),
        ("{a}.{b?}", ((Parameter("a"), Literal("."), Parameter("b", optional=True)),)),
        ("{{a}}", ((Literal("{a}"),),)),
        (
            "a/{b:regex(x/y)}/c",
            ((Literal("a"),), (Parameter("b", constraints=("regex(x/y)",)),), (Literal("c"),)),
        ),
    ],
)
def test_a_template(template: str, segments: tuple[object, ...]) -> None:
    assert parse_template(template) == segments


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("a//b", None),
        ("~a", "~"),
        ("{a", None),
        ("a}", None),
        ("{a}{b}", r"\ba\b.* b\b"),
        ("{a}/{A}", r"\bA\b"),
        ("{*a}/b", r"\ba\b"),
        ("x{*a}", r"\ba\b"),
        ("{*a?}", None),
        ("{a?}b", r"\ba\b"),
        ("{a}-{b?}", r"\bb\b"),
        ("{a?=b}", "'a\\?'"),
        ("{a=b?}", r"\ba\b"),
        ("{}", "''"),
        ("{a:regex({)}", None),
        ("what?", r"what\?"),
    ],
)
def test_what_asp_net_refuses(template: str, named: str | None) -> None:
    with pytest.raises(TemplateError, match=named):
        parse_template(template)
