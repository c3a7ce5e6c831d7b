/** Every code has an entry in `docs/errors.md`; a test holds the two together. */
export type ErrorCode = (typeof errorCodes)[number];

export const errorCodes = [
  // definitions
  "bad_definition", "duplicate_step", "duplicate_pipeline", "step_defined_in_run", "catalogue_unreadable",
  // calls
  "step_called_in_step", "step_called_outside_run", "handle_not_reachable", "handle_copied", "handle_of_another_run",
  "handle_is_no_value", "unserializable_input", "duplicate_step_id", "map_without_list", "map_length_mismatch",
  "map_not_a_list", "bad_call", "bad_pipeline_result",
  // plans and starts
  "unknown_pipeline", "invalid_params", "load_in_static_pipeline", "unknown_upstream", "cyclic_plan", "type_mismatch",
  "missing_operator", "async_static_pipeline", "inline_timeout_too_long", "idempotency_conflict",
  // replay
  "foreign_async_call", "nondeterministic_pipeline", "nothing_to_wait_for", "code_changed", "max_steps_exceeded",
  "max_turns_exceeded", "turn_crashed", "run_expired", "journal_incomplete",
  // steps
  "step_not_in_catalogue", "invalid_input", "invalid_output", "unserializable_output", "undeclared_output", "step_timeout",
  "step_interrupted", "step_process_died", "step_out_of_memory", "step_lost", "upstream_failed", "cancelled", "stopped",
  "map_failed", "unawaited_failure",
  // artifacts and stores
  "artifact_missing", "artifact_altered", "artifact_item_out_of_range", "materializer_missing", "store_unwritable",
  "store_corrupt", "store_unavailable", "store_version", "store_row_too_large",
  // control
  "unknown_run", "unknown_step", "unknown_artifact", "run_is_live", "run_has_ended", "bad_option", "started_while_loading",
] as const;
