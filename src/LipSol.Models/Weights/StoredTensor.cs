using System.Globalization;
using static TorchSharp.torch;

namespace LipSol.Models.Weights;

/// <summary>A tensor in a file; its values are read when they are asked for.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Type of its elements, as safetensors names them: <c>F32</c>, <c>BF16</c>, <c>I64</c>, ….</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Read">Its elements, little endian, the last dimension fastest.</param>
internal sealed record StoredTensor(string Name, string Type, IReadOnlyList<long> Shape, Func<byte[]> Read)
{
    private static readonly Dictionary<string, (ScalarType Type, int Bytes)> Types = new(StringComparer.Ordinal)
    {
        ["F64"] = (ScalarType.Float64, 8),
        ["F32"] = (ScalarType.Float32, 4),
        ["F16"] = (ScalarType.Float16, 2),
        ["BF16"] = (ScalarType.BFloat16, 2),
        ["I64"] = (ScalarType.Int64, 8),
        ["I32"] = (ScalarType.Int32, 4),
        ["I16"] = (ScalarType.Int16, 2),
        ["I8"] = (ScalarType.Int8, 1),
        ["U8"] = (ScalarType.Byte, 1),
        ["BOOL"] = (ScalarType.Bool, 1),
    };

    /// <summary>Bytes of one element; null where the type isn't known here.</summary>
    public static int? BytesOf(string type) => Types.TryGetValue(type, out var known) ? known.Bytes : null;

    /// <summary>The name of a torch type; null where it has none.</summary>
    public static string? NameOf(ScalarType type) => Types.FirstOrDefault(t => t.Value.Type == type).Key;

    /// <summary>Elements in a shape.</summary>
    /// <exception cref="OverflowException">More than a long holds, or a negative size.</exception>
    public static long Count(IEnumerable<long> shape) => shape.Aggregate(1L, (product, size) => size < 0 ? throw new OverflowException() : checked(product * size));

    /// <summary>Whether its values can become those of a weight of <paramref name="type"/>: whole numbers stay whole.</summary>
    public bool Fits(ScalarType type) => Types.TryGetValue(Type, out var known) && IsFloating(known.Type) == IsFloating(type);

    /// <summary>The values as a tensor of <paramref name="type"/>; the caller's (or its dispose scope's).</summary>
    public Tensor ToTensor(ScalarType type)
    {
        var stored = empty([.. Shape], dtype: Types[Type].Type);
        Read().CopyTo(stored.bytes);
        return stored.to(type);
    }

    /// <summary>As it's told to people: <c>F32 64×3×3</c>.</summary>
    public static string Describe(string type, IEnumerable<long> shape) => $"{type} {Describe(shape)}";

    /// <inheritdoc cref="Describe(string, IEnumerable{long})"/>
    public static string Describe(IEnumerable<long> shape) => shape.Any() ? string.Join('×', shape.Select(s => s.ToString(CultureInfo.InvariantCulture))) : "scalar";

    private static bool IsFloating(ScalarType type) => type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;
}
