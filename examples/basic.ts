/* Two messages to a model, and the conversation that they make. Run: node examples/basic.ts [FOLDER] */
import { connectOctant } from './client.ts';

const octant = await connectOctant(process.argv[2] ?? '.');

const first = await octant.call('send_message', { text: 'What is a hash table, in one sentence?', temperature: 0 });
console.log(first.data.text);

const { conversation } = first.data;
const second = await octant.call('send_message', { conversation, text: 'And when is it a bad choice?' });
console.log(second.data.text);

console.log((await octant.call('get_conversation', { conversation })).text);
await octant.close();
