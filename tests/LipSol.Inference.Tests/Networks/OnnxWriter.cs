using System.Text;

namespace LipSol.Inference.Tests.Networks;

/// <summary>Writes the few fields of an ONNX file that a tiny network needs (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), in protobuf's wire format.</summary>
internal static class OnnxWriter
{
    public static byte[] Field(int number, byte[] content) => [.. Varint((uint)(number << 3 | 2)), .. Varint((ulong)content.Length), .. content];

    public static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    public static byte[] Field(int number, long value) => [.. Varint((uint)(number << 3)), .. Varint((ulong)value)];

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    /// <summary>A float tensor of the graph's constants.</summary>
    public static byte[] Tensor(string name, long[] shape, float[] values) => Join(
        Join([.. shape.Select(d => Field(1, d))]), Field(2, 1), Field(8, name), Field(9, [.. values.SelectMany(BitConverter.GetBytes)]));

    /// <summary>A tensor of whole numbers (int64).</summary>
    public static byte[] Whole(string name, long[] values) => Join(Field(1, values.Length), Field(2, 7), Field(8, name), Field(9, [.. values.SelectMany(BitConverter.GetBytes)]));

    /// <summary>A node; ints are its list attributes.</summary>
    public static byte[] Node(string type, string[] inputs, string output, params (string Name, long[] Values)[] ints) => Join(
        Join([.. inputs.Select(i => Field(1, i))]), Field(2, output), Field(4, type),
        Join([.. ints.Select(a => Field(5, a.Values.Length == 1 && a.Name == "keepdims"
            ? Join(Field(1, a.Name), Field(3, a.Values[0]), Field(20, 2))
            : Join(Field(1, a.Name), Join([.. a.Values.Select(v => Field(8, v))]), Field(20, 7))))]));

    /// <summary>A float input or output; a negative dimension is left open.</summary>
    public static byte[] Value(string name, params long[] shape) => Value(name, 1, shape);

    /// <summary>The same of whole numbers (int64).</summary>
    public static byte[] WholeValue(string name, params long[] shape) => Value(name, 7, shape);

    public static byte[] Model(byte[][] nodes, byte[][] constants, byte[] input, byte[] output, params byte[][] moreInputs) => Join(
        Field(1, 8), Field(2, "lipsol-tests"),
        Field(7, Join(Join([.. nodes.Select(n => Field(1, n))]), Field(2, "graph"), Join([.. constants.Select(c => Field(5, c))]), Field(11, input), Join([.. moreInputs.Select(i => Field(11, i))]), Field(12, output))),
        Field(8, Join(Field(1, ""), Field(2, 13))));

    private static byte[] Value(string name, long elementType, long[] shape) => Join(Field(1, name), Field(2, Field(1, Join(Field(1, elementType),
        Field(2, Join([.. shape.Select((d, i) => Field(1, d < 0 ? Field(2, $"{name}{i}") : Field(1, d)))]))))));

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
