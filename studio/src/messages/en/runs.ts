/** @file English words of the view Runs. */
export const runs = {
  title: 'Runs',
};
