using System.Runtime.InteropServices;
using Google.Protobuf;
using TorchSharp;

namespace LipSol.Models.Onnx;

/// <summary>Collects the nodes and weights that layers write, and makes an ONNX model of them.</summary>
/// <remarks>
/// IR version 8 and operator set 17 (the first with LayerNormalization). Values are named after the node that makes them.
/// Operators: https://github.com/onnx/onnx/blob/main/docs/Operators.md.
/// </remarks>
public sealed class OnnxGraphBuilder
{
    private const int IrVersion = 8;
    private const int OperatorSet = 17;

    /// <summary>Types for <c>Cast</c>.</summary>
    internal const long Float = (long)TensorProto.Types.DataType.Float, Int32 = (long)TensorProto.Types.DataType.Int32;

    private readonly GraphProto graph = new();
    private readonly Dictionary<string, string> constants = [];
    private string? batch;

    /// <summary>Starts a graph with one float input.</summary>
    /// <param name="name">The graph's name.</param>
    /// <param name="input">The input's name.</param>
    /// <param name="shape">Its dimensions; null is dynamic, the first being the batch.</param>
    public OnnxGraphBuilder(string name, string input, IReadOnlyList<(string Name, long? Size)> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        graph.Name = name;
        Input = input;
        graph.Input.Add(Value(input, TensorProto.Types.DataType.Float, shape));
    }

    /// <summary>The name of the graph's first input.</summary>
    public string Input { get; }

    /// <summary>Adds an input of int64 with one value a sample of the batch, and returns its name.</summary>
    public string IntegerInput(string name)
    {
        graph.Input.Add(Value(name, TensorProto.Types.DataType.Int64, [("batch", null)]));
        return name;
    }

    /// <summary>The input's first dimension as a one-element int64 tensor: how a reshape keeps the batch dynamic.</summary>
    public string BatchSize => batch ??= Node("Shape", [Input], ("start", 0L), ("end", 1L));

    /// <summary>Adds a node with one output and returns the output's name.</summary>
    /// <param name="operation">The operator, e.g. <c>Conv</c>.</param>
    /// <param name="inputs">Names of its inputs; an empty name leaves an optional input out.</param>
    /// <param name="attributes">Attributes: <see cref="long"/>, <see cref="float"/>, <see cref="string"/>, or arrays of the first two.</param>
    public string Node(string operation, IReadOnlyList<string> inputs, params (string Name, object Value)[] attributes)
    {
        var output = $"{operation}_{graph.Node.Count}";
        var node = new NodeProto { OpType = operation, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes.Select(a => Attribute(a.Name, a.Value)));
        graph.Node.Add(node);
        return output;
    }

    /// <summary>Adds a weight and returns its name.</summary>
    public string Weight(string name, torch.Tensor value)
    {
        using var cpu = value.detach().to(torch.ScalarType.Float32).cpu();
        using var dense = cpu.contiguous();
        return Initializer(name, TensorProto.Types.DataType.Float, dense.shape, ByteString.CopyFrom(dense.bytes));
    }

    /// <summary>Adds a constant vector of integers (a shape, axes, slice bounds) and returns its name; equal ones are shared.</summary>
    public string Integers(params long[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Shared(string.Join('_', values), [values.Length], values);
    }

    /// <summary>Adds a constant integer without dimensions and returns its name; equal ones are shared.</summary>
    public string Integer(long value) => Shared($"scalar {value}", [], [value]);

    /// <summary>Adds a constant float and returns its name.</summary>
    public string Scalar(float value) =>
        Initializer("float", TensorProto.Types.DataType.Float, [], ByteString.CopyFrom(BitConverter.GetBytes(value)));

    /// <summary>Ends the graph.</summary>
    /// <param name="value">The value that is the result.</param>
    /// <param name="output">The name the result gets.</param>
    /// <param name="shape">Its dimensions; null is dynamic.</param>
    /// <param name="metadata">Written into the model's metadata.</param>
    /// <returns>The bytes of the .onnx file: a function of the graph alone.</returns>
    public byte[] Build(string value, string output, IReadOnlyList<(string Name, long? Size)> shape, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var identity = new NodeProto { OpType = "Identity", Name = output };
        identity.Input.Add(value);
        identity.Output.Add(output);
        graph.Node.Add(identity);
        graph.Output.Add(Value(output, TensorProto.Types.DataType.Float, shape));
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "LipSol", ProducerVersion = typeof(OnnxGraphBuilder).Assembly.GetName().Version?.ToString(3) ?? "", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        model.MetadataProps.AddRange(metadata.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => new StringStringEntryProto { Key = m.Key, Value = m.Value }));
        return model.ToByteArray();
    }

    private string Shared(string key, long[] shape, long[] values)
    {
        if (!constants.TryGetValue(key, out var name))
            constants[key] = name = Initializer("int64", TensorProto.Types.DataType.Int64, shape, ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())));
        return name;
    }

    private string Initializer(string name, TensorProto.Types.DataType type, ReadOnlySpan<long> shape, ByteString data)
    {
        var tensor = new TensorProto { Name = $"{name}_{graph.Initializer.Count}", DataType = (int)type, RawData = data };
        tensor.Dims.AddRange(shape.ToArray());
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long i: (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, i); break;
            case float f: (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, f); break;
            case string s: (attribute.Type, attribute.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(s)); break;
            case long[] list: attribute.Type = AttributeProto.Types.AttributeType.Ints; attribute.Ints.AddRange(list); break;
            case float[] list: attribute.Type = AttributeProto.Types.AttributeType.Floats; attribute.Floats.AddRange(list); break;
            default: throw new ArgumentException($"Attribute {name} is a {value.GetType().Name}; ONNX attributes here are long, float, string or arrays of the first two.", nameof(value));
        }
        return attribute;
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, IReadOnlyList<(string Name, long? Size)> shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.AddRange(shape.Select(d => d.Size is { } size
            ? new TensorShapeProto.Types.Dimension { DimValue = size }
            : new TensorShapeProto.Types.Dimension { DimParam = d.Name }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } },
        };
    }
}
