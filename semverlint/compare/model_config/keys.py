"""What every key of `config.json` acts on.

The table is about the canonical names (`canonical.py` folds aliases first). It was drawn up from the configuration
classes of transformers (`src/transformers/models/*/configuration_*.py`), the model classes of diffusers, and what the
readers of other libraries use. The endings are for arguments that a known class takes and the table does not name:
libraries name them alike. A key that neither a class nor the table knows stays unknown, whatever it is called.
"""

import re
from collections.abc import Mapping

from semverlint.changes.config import Effect

_TABLE: Mapping[Effect, str] = {
    "architecture": """
        model_type is_encoder_decoder is_decoder add_cross_attention cross_attention_hidden_size _class_name
        use_absolute_embeddings use_bidirectional_attention is_causal feat_extract_norm use_post_attention_layernorm
        encoder_layers_type pooling_mode block_type down_block_types up_block_types mid_block_type layers_block_type
        use_parallel_residual parallel_attn new_decoder_architecture multi_query do_stable_layer_norm per_layer_config
        add_pooling_layer block_types encoder_layer_types norm_type ffn_config attn_config hybrid_override_pattern
    """,
    "shape": """
        hidden_size n_embd d_model n_layer n_layers n_positions n_inner num_hidden_layers intermediate_size ffn_dim
        encoder_layers decoder_layers encoder_ffn_dim decoder_ffn_dim num_layers num_decoder_layers d_kv d_ff
        embedding_size type_vocab_size num_channels projection_dim moe_intermediate_size dim hidden_dim
        shared_expert_intermediate_size n_shared_experts num_experts n_routed_experts num_local_experts
        first_k_dense_replace q_lora_rank kv_lora_rank qk_nope_head_dim qk_rope_head_dim v_head_dim head_dim
        conv_kernel state_size time_step_rank expand conv_dim out_hidden_size pruned_heads num_attention_layers
        word_embed_proj_dim block_out_channels in_channels out_channels layers_per_block cross_attention_dim
        latent_channels joint_attention_dim num_single_layers pooled_projection_dim hidden_sizes depths
        stem_hidden_size codebook_size num_nextn_predict_layers_dim rotary_dim
    """,
    "bias": """
        attention_bias mlp_bias qkv_bias use_bias bias conv_bias use_conv_bias mamba_proj_bias mamba_conv_bias
        multimodal_projector_bias add_bias_linear add_qkv_bias
    """,
    "heads": """
        num_attention_heads n_head n_heads num_key_value_heads num_kv_heads encoder_attention_heads
        decoder_attention_heads num_heads attention_head_dim num_query_groups multi_query_group_num
    """,
    "activation": """
        hidden_act activation_function hidden_activation feed_forward_proj dense_act_fn is_gated_act activation
        projector_hidden_act act_fn feat_extract_activation summary_activation swiglu_limit mlp_activation
    """,
    "norm": """
        rms_norm_eps layer_norm_eps layer_norm_epsilon norm_eps layernorm_epsilon norm_epsilon batch_norm_eps
        rms_norm_epsilon layer_norm_epsilon
    """,
    "scale": """
        attn_logit_softcapping final_logit_softcapping query_pre_attn_scalar logit_scale scale_attn_weights
        scale_attn_by_inverse_layer_idx embedding_multiplier residual_multiplier attention_multiplier logits_scaling
        scale_embedding normalize_before do_layer_norm_before _remove_final_layer_norm attn_temperature_tuning
        use_qk_norm qk_layernorm scaling_factor shift_factor norm_num_groups clip_qkv rescale_prenorm_residual
        logit_scale_init_value layer_scale_init_value summary_type latents_mean latents_std attn_scale floor_scale
    """,
    "position": """
        rope position_embedding_type relative_attention_num_buckets relative_attention_max_distance
        max_relative_positions pos_att_type relative_attention position_biased_input alibi no_rope_layers
        no_rope_layer_interval mrope_section attention_type rope_interleave rope_axes_dim axes_dims_rope
        original_max_position_embeddings rope_theta rope_scaling rope_parameters partial_rotary_factor
        rope_local_base_freq rotary_pct rotary_emb_base
    """,
    "window": """
        sliding_window use_sliding_window max_window_layers layer_types sliding_window_pattern attention_chunk_size
        attention_window local_attention global_attn_every_n_layers window_size attention_layers attention_types
        global_attn_indexes full_attention_interval
    """,
    "routing": """
        num_experts_per_tok norm_topk_prob routed_scaling_factor scoring_func topk_group n_group topk_method
        decoder_sparse_step mlp_only_layers mlp_layer_types moe_layer_freq expert_layer_period attn_layer_period
        expert_layer_offset attn_layer_offset moe_k topk_scaling_factor num_experts_per_token top_k_experts
        interleave_moe_layer_step moe_layers
    """,
    "media": """
        vision_feature_layer vision_feature_select_strategy mm_projector_type patch_size image_size sample_size
        temporal_patch_size spatial_merge_size image_seq_length image_token_index image_token_id video_token_id
        audio_token_id video_token_index audio_token_index vision_start_token_id vision_end_token_id vision_token_id
        num_mel_bins max_source_positions tubelet_size downsample_ratio sampling_rate upsampling_ratios
        fullatt_block_indexes deepstack_visual_indexes mm_tokens_per_image boi_token_index eoi_token_index
        audio_start_token_id audio_end_token_id num_frames pixel_shuffle_ratio
    """,
    "tie": "tie_word_embeddings tie_encoder_decoder",
    "dtype": "dtype torch_dtype",
    "special-token": """
        bos_token_id pad_token_id sep_token_id cls_token_id mask_token_id unk_token_id decoder_start_token_id
        forced_bos_token_id forced_eos_token_id eos_token_id bos_token eos_token
    """,
    "head": "num_labels problem_type sentence_transformers label2id id2label",
    "code": "auto_map custom_pipelines",
    "output-form": """
        output_hidden_states output_attentions return_dict output_router_logits output_scores return_dict_in_generate
        torchscript
    """,
    "generation": """
        task_specific_params max_length min_length do_sample early_stopping num_beams num_beam_groups max_new_tokens
        diversity_penalty temperature top_k top_p typical_p repetition_penalty length_penalty no_repeat_ngram_size
        encoder_no_repeat_ngram_size bad_words_ids num_return_sequences suppress_tokens begin_suppress_tokens prefix
        remove_invalid_values exponential_decay_length_penalty
    """,
    "rounding": "force_upcast upcast_attention reorder_and_upcast_attn attention_softmax_in_fp32 pretraining_tp",
    "speculative": "num_nextn_predict_layers num_mtp_layers mtp_num_hidden_layers mtp_num_layers",
    "training": """
        classifier_dropout classifier_dropout_prob attention_dropout hidden_dropout hidden_dropout_prob
        attention_probs_dropout_prob resid_pdrop embd_pdrop attn_pdrop summary_first_dropout activation_dropout dropout
        dropout_rate encoder_layerdrop decoder_layerdrop layerdrop initializer_range initializer_factor init_std
        gradient_checkpointing router_aux_loss_coef router_jitter_noise aux_loss_alpha seq_aux classif_dropout
        seq_classif_dropout qa_dropout sinusoidal_pos_embds mask_time_prob mask_feature_prob ctc_loss_reduction
        ctc_zero_infinity apply_spec_augment final_dropout feat_proj_dropout label_smoothing loss_type drop_path_rate
        mask_time_length mask_feature_length mask_time_min_masks mask_feature_min_masks semantic_loss_ignore_index
        tf_legacy_loss auxiliary_loss ep_size pretrain_image_size use_pretrained_backbone
    """,
    "runtime": """
        use_cache chunk_size_feed_forward _attn_implementation _attn_implementation_autoset _flash_attn_2_enabled
        use_flash_attn use_bfloat16 attn_implementation use_memory_efficient_attention unpad_inputs num_logits_to_keep
        use_xformers disable_custom_kernels fuse_cross_entropy use_mamba_kernels _experts_implementation
        use_timm_backbone
    """,
    "provenance": """
        transformers_version _name_or_path name_or_path _commit_hash _diffusers_version unsloth_version unsloth_fixed
        model_max_length version model_version tokenizer_class finetuning_task _num_labels _use_default_values
        quantization_version _from_model_config hf_hub_id
    """,
}

EFFECTS: Mapping[str, Effect] = {key: effect for effect, keys in _TABLE.items() for key in keys.split()}
"""Canonical key → what it acts on."""

_ENDINGS: tuple[tuple[str, Effect], ...] = (
    (r".*(drop(out)?|pdrop|layerdrop)(_(rate|prob|p))?|.*(initializer|init_std|loss|_cost|jitter)\w*", "training"),
    (r"(mask_(time|feature)|num_negatives|contrastive)\w*", "training"),
    (r".*_(epsilon|eps)", "norm"),
    (r".*(_act|act_fn|activation(_function)?)", "activation"),
    (r".*(_token|_token_id|_token_index)", "media"),
    (r".*(rope|rotary|position|alibi)\w*", "position"),
    (r".*window\w*|local_attention\w*", "window"),
    (r".*_bias", "bias"),
    (r".*(multiplier|scale|scaling|softcap)\w*", "scale"),
    (r".*(topk|top_k|router|routing)\w*", "routing"),
    (r".*_heads", "heads"),
    (r".*(image|video|audio|pixel|frames|patch)\w*", "media"),
    (r"(num|n|max)_\w+|.*(_(dim|size|rank|layers|channels|width|kernel|stride|sizes|dims|ratio))|depths?", "shape"),
)


def effect_of(key: str, *, argument: bool) -> Effect:
    """What a key acts on, nested configurations looked through.

    Args:
        key: The canonical key, dotted.
        argument: Whether the class is known to take it.
    """
    whole = next((name for name in ("rope", "sentence_transformers") if f".{name}." in f".{key}"), "")
    name = whole or key.rpartition(".")[2]
    if name in EFFECTS or not argument:
        return EFFECTS.get(name, "unknown")
    return next((effect for pattern, effect in _ENDINGS if re.fullmatch(pattern, name)), "architecture")
