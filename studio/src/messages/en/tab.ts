/** @file English words for what cannot be done in a tab without a server. */
export const tab = {
  tuning: 'short runs that choose settings need the server: npx promptune studio',
  hubData: 'data sets of the Hub need the server: npx promptune studio',
  servesNothing: 'a tab serves nothing',
  noRun: (id: string) => `there is no run ${id}`,
  runExists: (run: string) => `there is a run ${run} already; choose another name, or delete it`,
  fileGone: (name: string) => `the file ${name} is no longer kept; give it once more`,
  noJob: (id: string) => `there is no job ${id}`,
  jobWorks: (run: string) => `a job works on ${run}; stop it, or choose another name`,
  jobIs: (state: string) => `the job is ${state}`,
};
