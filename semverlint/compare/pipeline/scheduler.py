"""A scheduler's settings, defaults of its class filled in.

The same file makes other schedulers too (`Other.from_config(pipeline.scheduler.config)`), so that keys the class itself
does not know still count: DDIM took `set_alpha_to_one` from a file written for another (huggingface/diffusers#6068).
"""

from collections.abc import Iterator, Mapping

from semverlint.changes.pipeline import Role, SchedulerSettingChanged
from semverlint.compare.class_defaults import class_defaults
from semverlint.compare.json_values import same_value, shown
from semverlint.compare.pair import Pair
from semverlint.formats.text_files import Json
from semverlint.text import clean, some

_ROLES: dict[Role, str] = {
    "noise": """
        beta_start beta_end beta_schedule trained_betas num_train_timesteps prediction_type rescale_betas_zero_snr
        variance_type snr_shift_scale predict_epsilon
        """,
    "steps": """
        timestep_spacing steps_offset set_alpha_to_one skip_prk_steps original_inference_steps timestep_scaling
        num_inference_steps stages stage_range timestep_type
        """,
    "sigmas": """
        shift flow_shift use_dynamic_shifting base_shift max_shift base_image_seq_len max_image_seq_len shift_terminal
        time_shift_type use_karras_sigmas use_exponential_sigmas use_beta_sigmas use_flow_sigmas invert_sigmas
        sigma_min sigma_max sigma_data sigma_schedule rho final_sigmas_type interpolation_type lambda_min_clipped
        """,
    "solver": """
        algorithm_type solver_type solver_order lower_order_final euler_at_final use_lu_lambdas predict_x0 solver_p
        disable_corrector eta s_noise stochastic_sampling noise_sampler_seed
        """,
    "clip": """
        clip_sample clip_sample_range thresholding dynamic_thresholding_ratio sample_max_value clip_denoised
        """,
}
_ROLE_OF: dict[str, Role] = {key: role for role, keys in _ROLES.items() for key in keys.split()}

Settings = Mapping[str, Json]


def scheduler_changed(pair: Pair, path: str, old: Settings, new: Settings) -> Iterator[SchedulerSettingChanged]:
    """Every setting with another meaning; what hangs on an unknown class's defaults becomes one doubt."""
    before, after = old.get("_class_name"), new.get("_class_name")
    name = clean(after or "a scheduler without a name")
    if before != after:
        yield SchedulerSettingChanged(
            path=path, key="_class_name", role="class", before=shown(before), after=shown(after), scheduler=name
        )
    known = class_defaults("scheduler", after) if isinstance(after, str) and before == after else None
    questions = []
    for key in sorted(old.keys() | new.keys()):
        written_twice = key in old and key in new
        if key.startswith("_") or (not written_twice and before != after):
            continue
        if not written_twice and known is None:
            if old.get(key, new.get(key)) is not None:
                questions.append(key)
            continue
        left, right = (settings.get(key, (known or {}).get(key)) for settings in (old, new))
        if not same_value(left, right):
            role = _role(key, known)
            yield SchedulerSettingChanged(
                path=path, key=key, role=role, before=shown(left), after=shown(right), scheduler=name
            )
    if questions:
        pair.doubt(
            path,
            f"{some(questions)}: written in one revision only, and what {name} does without is not known",
            "write the settings in both revisions, as one version of diffusers saves them",
        )


def _role(key: str, known: Settings | None) -> Role:
    if known is not None and key not in known:
        return "foreign" if key in _ROLE_OF else "unknown"
    return _ROLE_OF.get(key, "solver" if known is not None else "unknown")
