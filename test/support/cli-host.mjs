/**
 * @file Runs commands one after another in one process, which takes a fraction of the time of a process for each.
 *   Their streams are this process's own, which are read here.
 */
let written;
for (const name of ['stdout', 'stderr'])
  process[name].write = (chunk, encoding, callback) => {
    written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    for (const done of [encoding, callback]) if (typeof done === 'function') done();
    return true;
  };
process.setMaxListeners(0); // each command listens for signals
process.once('disconnect', () => process.exit());
process.on('message', async ({ program, args, cwd, env }) => {
  written = { stdout: '', stderr: '' };
  process.chdir(cwd);
  Object.assign(process.env, env);
  const { runCommandLine } = await import(program);
  const code = (await runCommandLine(args)) ?? process.exitCode ?? 0;
  process.exitCode = undefined;
  process.send({ ...written, code, signal: null });
});
