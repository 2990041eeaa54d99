/** @file Import it to let `hf:owner/name` be used wherever a path to data is. The library and the command line do. */
import { resolveDataset } from './hub/index.js';
import { findDatasetsBy } from './records/named-datasets.js';

findDatasetsBy(async (name, options) => (await resolveDataset(name, options)).files);
