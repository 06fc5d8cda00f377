"""The model: is it there, is the key right, does it know the name, does it answer in the shape that it is asked for?"""

from difflib import get_close_matches

from agent.llm.trial import EndpointFault, Trial
from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.patient import Patient
from bot.settings import Settings

SLOW_SECONDS = 15.0


async def examine_model(patient: Patient) -> Outcome:
    settings = patient.settings
    trial = await patient.model()
    if trial.fault is not None and trial.fault is not EndpointFault.SHAPE:
        return _faulty(trial.fault, trial, settings)
    told = f"{settings.openai_model} at {_where(settings)} answers in {trial.seconds:.1f} s"
    if trial.seconds > SLOW_SECONDS:
        return warn(told, "A question takes several calls: choose a faster model, or a larger machine.")
    return ok(told)


async def examine_structured_output(patient: Patient) -> Outcome:
    trial = await patient.model()
    if trial.fault is EndpointFault.BUSY:
        raise Skip("because of model")
    another = "Choose a model, or an endpoint, that takes response_format json_schema."
    if trial.fault is EndpointFault.SHAPE:
        return fail(f"it does not keep to the shape that it is asked for: {trial.detail}", another)
    if not trial.is_enforced:
        return warn("the endpoint holds no answer to a JSON schema: it is asked for in words", another)
    return ok("answers are held to a JSON schema")


def _faulty(fault: EndpointFault, trial: Trial, settings: Settings) -> Outcome:
    where, key, address = _where(settings), _key_name(settings), _address_name(settings)
    if fault is EndpointFault.BUSY:
        return warn(f"{where} takes no request now: {trial.detail}", "Wait; look at the account's limits and credit.")
    what, remedy = {
        EndpointFault.UNREACHABLE: (f"does not answer: {trial.detail}", _way_to(settings)),
        EndpointFault.KEY: (f"refuses {key} ({trial.detail})", f"Set {key} to a key of that endpoint."),
        EndpointFault.NAME: (f"has no model {settings.openai_model}", _other_name(settings.openai_model, trial.names)),
        EndpointFault.ADDRESS: (f"has no chat.completions: {trial.detail}", f"{address} usually ends in /v1."),
    }.get(fault, (f"says: {trial.detail}", "Is it an OpenAI-compatible endpoint?"))
    return fail(f"{where} {what}", remedy)


def _other_name(wanted: str, names: tuple[str, ...]) -> str:
    near = get_close_matches(wanted, names, n=3, cutoff=0.4) or names[:5]
    return f"Set OPENAI_MODEL to one that it has{': ' if near else ''}{', '.join(near)}."


def _way_to(settings: Settings) -> str:
    if settings.model_base_url is None:
        return "Open the way out to api.openai.com, port 443 (HTTPS_PROXY where there is a proxy)."
    return f"Is {_address_name(settings)} right, and does it run?"


def _where(settings: Settings) -> str:
    return settings.model_base_url or "OpenAI"


def _address_name(settings: Settings) -> str:
    return "LAAS_BASE_URL" if settings.laas_base_url and not settings.openai_base_url else "OPENAI_BASE_URL"


def _key_name(settings: Settings) -> str:
    is_gateways = settings.laas_api_key is not None and settings.model_key is settings.laas_api_key
    return "LAAS_API_KEY" if is_gateways else "OPENAI_API_KEY"
