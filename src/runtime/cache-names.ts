/** @file The names of a cache's tensors among the inputs and outputs of a graph. */

/** Of one layer: the cache as inputs, and as outputs the new keys and values, or the cache with those joined to it. */
export const cacheNames = (layer: number) => ({
  key: `cache_key_${layer}`,
  value: `cache_value_${layer}`,
  newKey: `new_key_${layer}`,
  newValue: `new_value_${layer}`,
  joinedKey: `joined_key_${layer}`,
  joinedValue: `joined_value_${layer}`,
});

/** Whether an output of a graph is one of the new keys and values. */
export const isNewName = (name: string): boolean => /^new_(key|value)_\d+$/.test(name);

/** The other inputs: the cache's mask, and the positions of the new tokens. */
export const cacheMaskName = 'cache_mask';
export const cachePositionsName = 'positions';

/** Of a cache on a device, where new keys and values go: the row, head and column of each, int64 [n, 3]. */
export const cachePlacesName = 'cache_places';

/** Of the graphs that rearrange a cache (see `CacheMoves`), by the number of a tensor among those of all layers. */
export const moveNames = {
  of: (tensor: number) => ({
    first: `first_${tensor}`,
    second: `second_${tensor}`,
    moved: `moved_${tensor}`,
  }),
  indices: 'indices',
};
