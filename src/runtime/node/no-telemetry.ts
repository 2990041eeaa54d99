/**
 * @file ONNX Runtime's builds report what runs in a process to Microsoft, and keep a device identifier and a database
 *   in ~/.cache, without asking. None of that happens if this is imported before ONNX Runtime is used, in the main
 *   thread: native code does not see a worker's copy of the environment. A user who sets the variable decides.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
