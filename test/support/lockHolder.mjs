// Holds a folder until it is killed. Compiled modules. node lockHolder.mjs DIR
import { lockFolder } from '../../dist/sessions/folderLock.js';

await lockFolder(process.argv[2]);
process.send('locked');
process.on('message', () => {}); // stays
