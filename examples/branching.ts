/* Two ways to go on from one message, and what one of them found told to the other. Run: node examples/branching.ts [FOLDER] */
import { connectOctant } from './client.ts';

const octant = await connectOctant(process.argv[2] ?? '.');

const first = await octant.call('send_message', { text: 'I need to store sessions. What are my options?' });
const { conversation, answer } = first.data;

await octant.call('create_branch', { conversation, name: 'redis', message: answer });
await octant.call('send_message', { conversation, branch: 'redis', text: 'Think Redis through.' });
await octant.call('send_message', { conversation, text: 'Think PostgreSQL through.' });

console.log((await octant.call('get_conversation', { conversation, view: 'tree' })).text);
console.log((await octant.call('merge_branch', { conversation, source: 'redis', strategy: 'summary' })).text);
console.log((await octant.call('send_message', { conversation, text: 'So which one?' })).data.text);
await octant.close();
