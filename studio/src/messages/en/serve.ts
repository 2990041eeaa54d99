/** @file English words of the view Serve. */
export const serve = {
  title: 'Serve',
};
