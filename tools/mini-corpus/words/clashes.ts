/** @file Words that do not stand side by side: "tall and short", "lazy and hard-working". */

const clashes = `
big small, big tiny, large small, fat thin, fat fast, chubby elegant, chubby agile, chubby tiny, tall short, long short, tall small, old young, old new, old modern, clean dirty, clean messy, tidy messy
cheap expensive, rich poor, quiet noisy, quiet lively, quiet busy, quiet crowded, quiet talkative, quiet loud, peaceful busy, peaceful crowded, peaceful noisy, remote busy, remote crowded, remote popular, remote convenient
lazy hard-working, lazy energetic, lazy lively, lazy fast, lazy alert, lazy agile, sleepy alert, sleepy lively, sleepy playful, brave timid, brave shy, brave afraid, proud shy, proud timid, proud modest, proud humble, shy confident, shy cheeky, shy lively, shy talkative
careful careless, careful forgetful, kind selfish, generous selfish, warm-hearted selfish, kind strict, funny serious, polite selfish, strong timid, strong thin, naughty quiet, naughty gentle, mysterious cheeky, friendly timid, friendly shy, clingy proud, beautiful handsome
thick thin, loose tight, warm thin, elegant dirty, clean broken, new broken, new old, shiny dirty, simple special, plain special, plain beautiful, plain unusual, plain bright, sturdy fragile, strong fragile, sturdy broken, strong broken, useful broken, light heavy, cheap precious, cheap rare, fashionable old
hot cold, hot cool, warm cold, warm cool, hot chilly, hot refreshing, dry humid, dry muggy, fine bad, fine gloomy, bright gloomy, bright dark, mild cold, mild hot, pleasant bad, pleasant stuffy, cool muggy, cool stuffy, chilly stuffy, cold stuffy, cold muggy
sweet salty, sweet bitter, sweet sour, fresh salty, mild spicy, plain rich, light oily, light rich, light filling, oily refreshing, oily healthy, crispy soft, crispy tender, crunchy soft, crunchy smooth, crunchy creamy, crisp soft, bitter delicious, bitter tasty, crispy juicy, soft hard
happy sad, happy angry, happy disappointed, sad excited, tired excited, calm angry, calm nervous, relaxed nervous, relaxed busy, bored excited, bored busy, proud embarrassed, hot afraid, lucky sad
deep high, wild charming, high clear, vast deep, clear misty, cheap famous, optimistic serious, calm energetic, wise careless, reliable forgetful, punctual lazy, tasteless salty, burnt raw, cold burnt, cold hot, modest talkative, young wise
healthy sleepy, graceful fat, graceful big, small strong, tiny round, clean greedy, fluffy smooth, fluffy silky, short long, thick fine, thick short, friendly careful, greedy healthy, tall old, short tall, cramped shabby, boring noisy, slow noisy
`;

/** `a|b` for every pair of English words, both ways round. */
export const clashingWords: ReadonlySet<string> = new Set(
  [
    ...clashes.split(/[,\n]/).map((pair) => pair.trim().split(' ')),
    ['long-haired cat', 'short'],
    ['short-haired cat', 'long'],
    ['young cat', 'mother cat'],
  ].flatMap(([a, b]) => [`${a}|${b}`, `${b}|${a}`]),
);
