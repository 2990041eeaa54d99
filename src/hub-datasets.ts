/**
 * @file Importing it has `hf:owner/name` be read wherever data is given by a path. The library and the command line
 * do.
 */
import { resolveDataset } from './hub/index.js';
import { findDatasetsBy } from './records/named-datasets.js';

findDatasetsBy(async (name, options) => (await resolveDataset(name, options)).files);
