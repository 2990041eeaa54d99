import { startPromptune } from 'promptune/browser';

const element = (id) => document.getElementById(id);
const data = [
  { text: 'A wonderful film', label: 'good' },
  { text: 'I laughed all evening', label: 'good' },
  { text: 'Beautiful and clever', label: 'good' },
  { text: 'A boring film', label: 'bad' },
  { text: 'I fell asleep', label: 'bad' },
  { text: 'Ugly and stupid', label: 'bad' },
];

const promptune = await startPromptune();
const { model, tokenizer } = await promptune.fromPretrained();
let classifier;
element('learn').disabled = false;

async function classify() {
  const [{ label, probabilities }] = await classifier.classify([element('text').value]);
  element('label').value = `${label} (${(100 * probabilities[label]).toFixed()} %)`;
}

element('learn').addEventListener('click', async () => {
  element('learn').disabled = true;
  const { adapter } = await promptune.trainAdapter({
    model,
    tokenizer,
    data,
    method: 'lora',
    taskType: 'sequence-classification',
    learningRate: 0.003,
    batchSize: 6,
    maxSteps: 20,
    onEvent(event) {
      if (event.type === 'step')
        element('status').value = `step ${event.step} of ${event.totalSteps}, loss ${event.loss.toFixed(2)}`;
    },
  });
  classifier = await promptune.createClassifier({ model, tokenizer, adapter });
  element('text').addEventListener('input', classify);
  await classify();
});
