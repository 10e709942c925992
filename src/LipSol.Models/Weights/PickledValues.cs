namespace LipSol.Models.Weights;

/// <summary>Bytes that tensors lie in.</summary>
/// <param name="Type">Type of the elements, as safetensors names them.</param>
/// <param name="Key">The file below <c>data/</c>.</param>
/// <param name="Count">Elements.</param>
internal sealed record PickledStorage(string Type, string Key, long Count);

/// <summary>A tensor: a view of a storage.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);

/// <summary>A dict or an OrderedDict, in its order.</summary>
internal sealed class PickledDictionary
{
    public List<KeyValuePair<object, object?>> Items { get; } = [];
}

/// <summary>What a pickle may name.</summary>
internal enum PickledGlobal
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Size,
    Storage,
}

/// <summary>A name with what it stands for.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Type">Of a storage: its elements.</param>
internal sealed record PickledName(PickledGlobal Kind, string Type = "");
