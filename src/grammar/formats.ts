/** @file The values of `format`, each as a pattern for texts in this format: the usual ones, not all that exist. */

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
/** Days of the month: those of every month, and those of longer months; no 29th of February. */
const date = '[0-9]{4}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)';
const time = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])';
const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const host = `${label}(\\.${label}){0,7}`;

export const formats: Readonly<Record<string, string>> = {
  date: `^${date}$`,
  time: `^${time}$`,
  'date-time': `^${date}T${time}$`,
  duration: '^P([0-9]{1,4}W|[0-9]{1,4}D(T[0-9]{1,4}H)?|T[0-9]{1,4}[HMS]|[0-9]{1,4}Y([0-9]{1,4}M)?)$',
  email: `^[A-Za-z0-9_+-]+(\\.[A-Za-z0-9_+-]+){0,7}@${label}(\\.${label}){1,7}$`,
  hostname: `^${host}$`,
  ipv4: `^${octet}\\.${octet}\\.${octet}\\.${octet}$`,
  ipv6: '^([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}$',
  uuid: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
  uri: `^https?://${host}(:[0-9]{1,4})?(/[A-Za-z0-9._~-]*){0,16}(\\?[A-Za-z0-9._~&=-]*)?$`,
};
