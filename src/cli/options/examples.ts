/** @file Examples at the end of each command's help. A test parses each of them. */
import { helpText } from '../messages/index.js';
import { promptune } from '../terminal/invocation.js';

export const examples: Readonly<Record<string, readonly string[]>> = {
  promptune: [
    'promptune train --data pairs.jsonl --output runs/cats',
    'promptune generate --adapter runs/cats --prompt "A cute cat"',
  ],
  'promptune quickstart': ['promptune quickstart'],
  'promptune train': [
    'promptune train --data pairs.jsonl --output runs/cats',
    'promptune train --model gpt2 --data chats.jsonl --chat --method lora --r 16 --output runs/style',
    'promptune train --preset translate-en --output runs/translate',
    'promptune train --data reviews.csv --auto --output runs/mood',
    'promptune train --data pairs.jsonl --sample-prompts "A cute cat" --output runs/cats',
    'promptune train --output runs/cats --resume',
  ],
  'promptune generate': [
    'promptune generate --adapter runs/cats --prompt "A cute cat" --max-new-tokens 40',
    'promptune generate --model model.gguf --chat --prompt "What is a soft prompt?" --temperature 0.7',
  ],
  'promptune chat': [
    'promptune chat --model model.gguf',
    'promptune chat --adapter runs/style --system "You are brief."',
  ],
  'promptune serve': ['promptune serve', 'promptune serve --model gpt2 --adapters runs --port 8080'],
  'promptune studio': [
    'promptune studio',
    'promptune studio --model gpt2 --folder runs --port 8080',
    'promptune studio --static site',
  ],
  'promptune classify': [
    'promptune classify --adapter runs/mood --text "The service was terrible."',
    'promptune classify --data reviews.csv --template "{review} It was" --verbalizer 1=great --verbalizer 0=bad',
  ],
  'promptune eval': [
    'promptune eval --adapter runs/cats --data test.jsonl',
    'promptune eval --adapter runs/cats --data test.jsonl --metrics bleu,rouge-l --report report.html',
  ],
  'promptune compare': [
    'promptune compare comparison.yaml',
    'promptune compare comparison.yaml --queue redis://queue:6379 --store /shared/promptune',
    'promptune compare a.jsonl b.jsonl --metrics bleu',
  ],
  'promptune inspect': ['promptune inspect runs/cats', 'promptune inspect runs/cats --graph generation'],
  'promptune select': [
    'promptune select train --candidates candidates.yaml --data mixed.jsonl --output runs/choose',
    'promptune select eval runs/choose --data test.jsonl',
    'promptune select apply runs/choose --text "Lily is sleeping."',
  ],
  'promptune select train': [
    'promptune select train --candidates candidates.yaml --data mixed.jsonl --output runs/choose',
  ],
  'promptune select eval': ['promptune select eval runs/choose --data test.jsonl'],
  'promptune select apply': [
    'promptune select apply runs/choose --text "Lily is sleeping." --max-new-tokens 40',
    'promptune select apply runs/choose --data inputs.jsonl --no-generate --json',
  ],
  'promptune search': [
    'promptune search --data pairs.jsonl --init-text "Translate into Chinese:\\n"',
    'promptune search --data pairs.jsonl --method pez --num-tokens 8 --output found.json',
  ],
  'promptune merge': [
    'promptune merge --adapter runs/style --output merged',
    'promptune merge --adapter runs/style --output merged.gguf --dtype q8_0',
  ],
  'promptune export': [
    'promptune export --adapter runs/cats --as prefix --output prefix',
    'promptune export --adapter runs/style --as gguf --output style.gguf',
  ],
  'promptune pretrain': ['promptune pretrain --data corpus.txt --output runs/model'],
  'promptune benchmark': [
    'promptune benchmark --data train.jsonl --test test.jsonl --report benchmark.html',
    'promptune benchmark --data train.csv --test test.csv --verbalizer 1=great --verbalizer 0=bad --prompts "{text} It was"',
  ],
  'promptune runs': [
    'promptune runs',
    'promptune runs runs/cats',
    'promptune runs --filter method=lora --sort validation --columns learningRate',
  ],
  'promptune models': ['promptune models', 'promptune models gpt2'],
  'promptune worker': ['promptune worker --queue redis://queue:6379 --store /shared/promptune'],
  'promptune queue': ['promptune queue status --queue redis://queue:6379'],
  'promptune queue status': ['promptune queue status --queue redis://queue:6379'],
  'promptune queue metrics': ['promptune queue metrics --queue redis://queue:6379'],
  'promptune queue failed': ['promptune queue failed --queue redis://queue:6379'],
  'promptune queue retry': ['promptune queue retry --queue redis://queue:6379'],
  'promptune queue clear': ['promptune queue clear --queue redis://queue:6379'],
  'promptune push': [
    'promptune push runs/cats me/cats --dry-run',
    'promptune push runs/cats me/cats --private',
  ],
  'promptune combine': ['promptune combine --adapter runs/a --adapter runs/b --output runs/both'],
  'promptune data': ['promptune data check pairs.jsonl'],
  'promptune data check': [
    'promptune data check pairs.jsonl',
    'promptune data check pairs.jsonl --template "{question}\\n"',
  ],
};

/** A command's examples, for its help, as they are called where this process was. */
export function examplesOf(command: string): string {
  const own = examples[command];
  const calls = own?.map((line) => `  ${line.replace(/^promptune/, promptune())}`);
  return calls ? `\n${helpText('Examples:')}\n${calls.join('\n')}` : '';
}
