/**
 * @file ONNX Runtime's builds report to Microsoft what runs in a process, keep an identifier of the device and a
 *   database in ~/.cache, and ask nobody. Nothing of that happens where this is imported before ONNX Runtime is in
 *   use, in the main thread: a worker's environment is a copy, which native code does not see. A user who sets the
 *   variable decides.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
