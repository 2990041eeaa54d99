/**
 * @file `families`: a step of prompt tuning for each model family at about 135 M parameters, compared with
 *   transformers.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bert } from '../../src/models/bert.js';
import { gptNeox, phi } from '../../src/models/gpt-neox.js';
import { gpt2 } from '../../src/models/gpt2.js';
import { llama } from '../../src/models/llama.js';
import type { ModelFamily } from '../../src/models/model.js';
import { opt } from '../../src/models/opt.js';
import { t5 } from '../../src/models/t5.js';
import { standardStep } from '../example-step.js';
import type { FamilyCost } from '../family-once.js';
import { gpt2Small, makeRandomModel, smolLM2 } from '../make-model.js';
import { timesOf } from '../measure.js';
import type { Part } from '../part.js';
import { type Peer, peerPython, startPeer } from '../peers/peer-process.js';
import type { Row } from '../report.js';

const script = fileURLToPath(new URL('../family-once.js', import.meta.url));

const twelveLayers = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  max_position_embeddings: 2048,
};

/** Fields of config.json, with the sizes of a published model if one of about this size exists. */
const models: readonly { title: string; family: ModelFamily; config: Readonly<Record<string, unknown>> }[] = [
  {
    title: 'GPT-2 small',
    family: gpt2,
    config: { model_type: 'gpt2', architectures: ['GPT2LMHeadModel'], ...gpt2Small },
  },
  {
    title: 'SmolLM2-135M (Llama)',
    family: llama,
    config: { model_type: 'llama', architectures: ['LlamaForCausalLM'], ...smolLM2 },
  },
  {
    title: 'Qwen3, of the same sizes',
    family: llama,
    config: { model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'], ...smolLM2, head_dim: 64 },
  },
  {
    title: 'Gemma 3, 18 layers of 640',
    family: llama,
    config: {
      model_type: 'gemma3_text',
      architectures: ['Gemma3ForCausalLM'],
      hidden_size: 640,
      intermediate_size: 2048,
      num_hidden_layers: 18,
      num_attention_heads: 4,
      num_key_value_heads: 1,
      head_dim: 256,
      vocab_size: 49152,
      max_position_embeddings: 8192,
    },
  },
  {
    title: 'Phi, 12 layers of 768',
    family: phi,
    config: { model_type: 'phi', architectures: ['PhiForCausalLM'], ...twelveLayers, vocab_size: 51200 },
  },
  {
    title: 'Pythia-160M (GPT-NeoX)',
    family: gptNeox,
    config: {
      model_type: 'gpt_neox',
      architectures: ['GPTNeoXForCausalLM'],
      ...twelveLayers,
      vocab_size: 50304,
    },
  },
  {
    title: 'OPT-125M',
    family: opt,
    config: {
      model_type: 'opt',
      architectures: ['OPTForCausalLM'],
      hidden_size: 768,
      word_embed_proj_dim: 768,
      ffn_dim: 3072,
      num_hidden_layers: 12,
      num_attention_heads: 12,
      vocab_size: 50272,
    },
  },
  {
    title: 'T5, 6 + 6 layers of 768',
    family: t5,
    config: {
      model_type: 't5',
      architectures: ['T5ForConditionalGeneration'],
      d_model: 768,
      d_kv: 64,
      d_ff: 3072,
      num_layers: 6,
      num_heads: 12,
      vocab_size: 32128,
      pad_token_id: 0,
      decoder_start_token_id: 0,
    },
  },
  {
    title: 'BERT base',
    family: bert,
    config: { model_type: 'bert', architectures: ['BertForMaskedLM'], ...twelveLayers, vocab_size: 30522 },
  },
];

interface PeerStep {
  readonly seconds: number;
  readonly loss: number;
  readonly peakBytes: number;
  readonly loadSeconds: number;
}

export const families: Part = async ({ scratch, peers }) => {
  const python = peerPython(['torch', 'transformers']);
  const stepPath = join(scratch, 'family-step.json');
  const rows: Row[] = [];
  let versions = '';
  for (const { title, family, config } of models) {
    const folder = join(scratch, 'family');
    await makeRandomModel(folder, family, config);
    const ours: FamilyCost = JSON.parse(
      execFileSync(process.execPath, [script, folder], { encoding: 'utf8' }),
    );
    writeFileSync(stepPath, JSON.stringify(ours.step));
    const args = [folder, stepPath, `${availableParallelism()}`];
    const peer = python && (await startPeer<PeerStep>(python, join(peers, 'transformers_step.py'), args));
    if (peer) versions = peer.versions;
    const theirs = peer && (await medianStep(peer, title, ours.loss));
    rows.push({
      model: title,
      'M parameters': ours.parameters / 1e6,
      's until ready': ours.readySeconds,
      's a step': ours.seconds,
      'private MB': ours.privateBytes / 1e6,
      'resident MB': ours.peakBytes / 1e6,
      ...(theirs && {
        'transformers: s to load': theirs.loadSeconds,
        's, a step': theirs.seconds,
        'resident, MB': theirs.peakBytes / 1e6,
        '× transformers': theirs.seconds / ours.seconds,
      }),
    });
    rmSync(folder, { recursive: true });
  }
  const { batch, length, labels, virtualTokens } = standardStep;
  return {
    rows,
    notes: [
      `Forward and backward of a soft prompt of ${virtualTokens} before ${batch} × ${length} tokens with ${labels} labels a row (T5 is given the others), float32, median`,
      'of 5, each in a process of its own. Weights are mapped here: they are in what is resident, and not in what is private.',
      python
        ? `The losses agree. Peer: ${versions}.`
        : 'No Python with torch and transformers was found: transformers is not compared.',
    ],
  };
};

async function medianStep(peer: Peer<PeerStep>, title: string, loss: number): Promise<PeerStep> {
  const steps: PeerStep[] = [];
  for (let run = -1; run < 5; run++) {
    const step = await peer.ask(0);
    if (run >= 0) steps.push(step);
  }
  peer.stop();
  const last = steps.at(-1)!;
  if (Math.abs(last.loss - loss) > 1e-3)
    throw new Error(`${title}: the loss is ${loss} here and ${last.loss} in transformers`);
  return { ...last, seconds: timesOf(steps.map(({ seconds }) => seconds)).median };
}
