"""What each setting of a preprocessor is for (reference: transformers' image, audio and video processing classes)."""

from semverlint.changes.processing import Role

_ROLES: dict[Role, str] = {
    "size": """
        size crop_size do_resize do_center_crop do_pad pad_size size_divisor do_thumbnail do_align_long_axis crop_pct
        do_image_splitting max_image_size min_image_size do_crop_margin keep_aspect_ratio ensure_multiple_of
        image_grid_pinpoints do_pan_and_scan pan_and_scan_min_crop_size pan_and_scan_max_num_crops
        pan_and_scan_min_ratio_to_activate max_image_tiles crop_to_patches min_patches max_patches split_image
        split_resolutions use_square_size pad_mode padding_mode do_split_image max_size default_to_square
        input_size image_size constant_values resize_to_max_canvas do_random_crop tile_size vision_aspect_ratio
        """,
    "resample": "resample interpolation high_res_resample",
    "pixels": """
        do_rescale rescale_factor do_normalize image_mean image_std do_convert_rgb do_convert_grayscale do_grayscale
        offset rescale_offset do_flip_channel_order do_color_quantize clusters do_affine_transform normalize_factor
        high_res_image_mean high_res_image_std do_reduce_labels ignore_index do_binarize
        """,
    "budget": "min_pixels max_pixels",
    "tokens": """
        patch_size merge_size temporal_patch_size num_image_tokens image_seq_length image_seq_len audio_seq_length
        num_additional_image_tokens vision_feature_select_strategy image_token video_token audio_token image_break_token
        image_end_token boi_token eoi_token spatial_merge_size pooling_ratio downsample_factor num_query_tokens
        num_image_tokens_per_frame return_row_col_info image_token_id video_token_id audio_token_id max_num_patches
        fake_image_token query_prefix visual_prompt_prefix num_patch_index_tokens use_image_id slice_mode
        """,
    "sound": """
        sampling_rate feature_size n_fft hop_length chunk_length chunk_length_s padding_value return_attention_mask
        dither n_mels num_mel_bins win_length win_function frame_signal_scale fmin fmax mel_floor mel_scale mean std
        max_length preemphasis padding_side frequency_min frequency_max window_size stride mel_filters
        do_ceptral_normalize normalize_means normalize_vars fft_window_size max_length_s truncation padding top_db
        overlap min_frequency max_frequency nb_max_samples frame_length_ms hop_length_ms fft_length fft_overdrive
        input_scale_factor
        """,
    "frames": "fps num_frames do_sample_frames max_frames min_frames video_sampling_rate return_metadata",
    "inputs": "model_input_names",
    "prompt": "chat_template",
    "neutral": """
        _processor_class device data_format input_data_format return_tensors disable_grouping transformers_version
        _name_or_path _commit_hash n_samples nb_max_frames num_proc _valid_kwargs_names _valid_processor_keys
        video_metadata return_mm_token_type_ids use_fast
        """,
}
ROLES: dict[str, Role] = {key: role for role, keys in _ROLES.items() for key in keys.split()}

SOUND = frozenset(key for key, role in ROLES.items() if role == "sound")

CLASS_KEYS = ("image_processor_type", "video_processor_type", "feature_extractor_type", "audio_processor_type")
"""Where a preprocessor names its class, in the order in which readers look."""

VISION_EXTRACTORS = frozenset(
    [
        *(
            "Beit",
            "CLIP",
            "ChineseCLIP",
            "ConditionalDetr",
            "ConvNext",
            "DPT",
            "DeformableDetr",
            "DeiT",
            "Detr",
            "Donut",
        ),
        *("Flava", "GLPN", "ImageGPT", "LayoutLMv2", "LayoutLMv3", "Levit", "MaskFormer", "MobileNetV1"),
        *(
            "MobileNetV2",
            "MobileViT",
            "OwlViT",
            "Perceiver",
            "PoolFormer",
            "Segformer",
            "ViT",
            "VideoMAE",
            "Vilt",
            "Yolos",
        ),
    ]
)
"""Models whose `…FeatureExtractor` was an older name of their `…ImageProcessor` (transformers 4.57)."""

PIXEL_BUDGET = frozenset(
    f"{model}ImageProcessor"
    for model in ["Qwen2VL", "HunYuanVL", "MiniMaxM3VL", "VideoLlama3", "PaddleOCRVL", "CohereCompass", "GlmImage"]
)
"""Classes that take `min_pixels` and `max_pixels` for the shortest and longest edge of `size` (transformers 5.23)."""


def role_of(key: str) -> Role:
    """What a setting is for."""
    return ROLES.get(key, "unknown")
