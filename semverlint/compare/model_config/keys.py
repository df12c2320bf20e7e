"""What every key of `config.json` acts on.

The table is about the canonical names (`canonical.py` folds aliases first). It was drawn up from the configuration
classes of transformers (`src/transformers/models/*/configuration_*.py`) and what the readers of other libraries use.
"""

from collections.abc import Mapping

from semverlint.changes.config import Effect

_TABLE: Mapping[Effect, str] = {
    "architecture": """
        model_type architectures is_encoder_decoder is_decoder add_cross_attention
        cross_attention_hidden_size _class_name use_absolute_embeddings use_bidirectional_attention
        is_causal conv_bias feat_extract_norm use_post_attention_layernorm encoder_layers_type pooling_mode
    """,
    "shape": """
        hidden_size intermediate_size num_hidden_layers encoder_layers decoder_layers encoder_ffn_dim
        decoder_ffn_dim num_layers num_decoder_layers d_kv d_ff embedding_size type_vocab_size num_channels
        projection_dim moe_intermediate_size shared_expert_intermediate_size n_shared_experts num_experts
        n_routed_experts num_local_experts first_k_dense_replace q_lora_rank kv_lora_rank qk_nope_head_dim
        qk_rope_head_dim v_head_dim head_dim attention_bias mlp_bias qkv_bias use_bias bias conv_kernel
        state_size time_step_rank expand conv_dim out_hidden_size pruned_heads num_attention_layers
        word_embed_proj_dim block_out_channels in_channels out_channels layers_per_block cross_attention_dim
        down_block_types up_block_types latent_channels sample_size joint_attention_dim num_single_layers
        pooled_projection_dim hidden_sizes depths stem_hidden_size codebook_size
    """,
    "heads": """
        num_attention_heads num_key_value_heads encoder_attention_heads decoder_attention_heads num_heads
        attention_head_dim num_query_groups multi_query new_decoder_architecture parallel_attn
    """,
    "function": """
        hidden_act activation_function hidden_activation feed_forward_proj dense_act_fn is_gated_act
        projector_hidden_act act_fn rms_norm_eps layer_norm_eps layer_norm_epsilon norm_eps
        layernorm_epsilon norm_epsilon attn_logit_softcapping final_logit_softcapping query_pre_attn_scalar
        logit_scale scale_attn_weights scale_attn_by_inverse_layer_idx reorder_and_upcast_attn
        embedding_multiplier residual_multiplier attention_multiplier logits_scaling scale_embedding
        normalize_before do_layer_norm_before _remove_final_layer_norm attn_temperature_tuning use_qk_norm
        qk_layernorm scaling_factor shift_factor norm_num_groups force_upcast clip_qkv
        rescale_prenorm_residual logit_scale_init_value layer_scale_init_value summary_type
        summary_activation
    """,
    "position": """
        rope rope_theta rope_scaling position_embedding_type relative_attention_num_buckets
        relative_attention_max_distance max_relative_positions pos_att_type relative_attention
        position_biased_input alibi no_rope_layers no_rope_layer_interval rope_local_base_freq mrope_section
        attention_type
    """,
    "window": """
        sliding_window use_sliding_window max_window_layers layer_types sliding_window_pattern
        attention_chunk_size attention_window local_attention global_attn_every_n_layers local_rope_theta
        window_size
    """,
    "routing": """
        num_experts_per_tok norm_topk_prob routed_scaling_factor scoring_func topk_group n_group topk_method
        decoder_sparse_step mlp_only_layers mlp_layer_types moe_layer_freq expert_layer_period
        attn_layer_period
    """,
    "media": """
        vision_feature_layer vision_feature_select_strategy mm_projector_type patch_size image_size
        temporal_patch_size spatial_merge_size image_seq_length image_token_index image_token_id
        video_token_id audio_token_id video_token_index audio_token_index vision_start_token_id
        vision_end_token_id num_mel_bins max_source_positions tubelet_size downsample_ratio sampling_rate
        upsampling_ratios fullatt_block_indexes deepstack_visual_indexes
    """,
    "tie": """
        tie_word_embeddings tie_encoder_decoder
    """,
    "dtype": """
        dtype
    """,
    "special-token": """
        bos_token_id pad_token_id sep_token_id cls_token_id mask_token_id unk_token_id
        decoder_start_token_id forced_bos_token_id forced_eos_token_id
    """,
    "head": """
        num_labels label2id problem_type sentence_transformers finetuning_task
    """,
    "code": """
        auto_map custom_pipelines
    """,
    "output-form": """
        output_hidden_states output_attentions return_dict torchscript output_router_logits
    """,
    "generation": """
        task_specific_params max_length min_length do_sample early_stopping num_beams num_beam_groups
        diversity_penalty temperature top_k top_p typical_p repetition_penalty length_penalty
        no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids num_return_sequences suppress_tokens
        begin_suppress_tokens prefix remove_invalid_values exponential_decay_length_penalty
    """,
    "training": """
        classifier_dropout attention_dropout hidden_dropout hidden_dropout_prob attention_probs_dropout_prob
        resid_pdrop embd_pdrop attn_pdrop summary_first_dropout activation_dropout dropout dropout_rate
        encoder_layerdrop decoder_layerdrop layerdrop initializer_range initializer_factor init_std
        gradient_checkpointing router_aux_loss_coef router_jitter_noise aux_loss_alpha seq_aux
        pretraining_tp use_cache chunk_size_feed_forward classif_dropout seq_classif_dropout qa_dropout
        sinusoidal_pos_embds mask_time_prob mask_feature_prob ctc_loss_reduction apply_spec_augment
        num_nextn_predict_layers final_dropout feat_proj_dropout classifier_proj_size label_smoothing
        loss_type
    """,
    "provenance": """
        transformers_version _name_or_path _commit_hash _attn_implementation _attn_implementation_autoset
        _diffusers_version _flash_attn_2_enabled use_flash_attn unsloth_version unsloth_fixed
        model_max_length version model_version gradient_checkpointing_kwargs _sliding_window_pattern
        tokenizer_class
    """,
}

EFFECTS: Mapping[str, Effect] = {key: effect for effect, keys in _TABLE.items() for key in keys.split()}
"""Canonical key → what it acts on."""


def effect_of(key: str) -> Effect:
    """What a key acts on, sub-configurations looked through."""
    return EFFECTS.get(key.rpartition(".")[2], "unknown")
