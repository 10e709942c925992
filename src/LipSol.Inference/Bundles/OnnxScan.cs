using System.Text;

namespace LipSol.Inference;

/// <summary>Looks through an ONNX file that someone else wrote, before ONNX Runtime sees it: whether it's a plain network, as LipSol exports them.</summary>
/// <remarks>
/// Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), the wire format is protobuf's
/// (https://protobuf.dev/programming-guides/encoding). Refused are: weights in other files, since their names are paths; operators from elsewhere than ONNX itself;
/// functions, loops, branches and whatever else holds a graph in a graph, since how long they run can't be seen.
/// </remarks>
internal static class OnnxScan
{
    private const int ModelGraph = 7, ModelTraining = 20, ModelFunctions = 25;
    private const int GraphNode = 1, GraphInitializer = 5, GraphSparse = 15;
    private const int NodeOperator = 4, NodeAttribute = 5, NodeDomain = 7;
    private const int AttributeTensor = 5, AttributeGraph = 6, AttributeTensors = 10, AttributeGraphs = 11, AttributeSparse = 22, AttributeSparses = 23;
    private const int TensorExternal = 13, TensorLocation = 14;

    /// <exception cref="UnusableBundleException">It isn't; the message says what is in it.</exception>
    public static void Require(ReadOnlySpan<byte> model)
    {
        var graphs = 0;
        try
        {
            foreach (var field in new Fields(model))
            {
                if (field.Number is ModelTraining or ModelFunctions) throw Unsafe("functions or training steps of its own");
                if (field.Number != ModelGraph) continue;
                graphs++;
                Graph(field.Content);
            }
        }
        catch (InvalidDataException e)
        {
            throw new UnusableBundleException(BundleProblem.UnusableModel, $"{ModelManifestFile.OnnxName} is no ONNX file: {e.Message}.", e);
        }
        if (graphs != 1) throw new UnusableBundleException(BundleProblem.UnusableModel, $"{ModelManifestFile.OnnxName} is no ONNX file: it holds {graphs} graphs instead of one.");
    }

    private static void Graph(ReadOnlySpan<byte> graph)
    {
        foreach (var field in new Fields(graph))
        {
            if (field.Number == GraphNode) Node(field.Content);
            else if (field.Number == GraphInitializer) Tensor(field.Content);
            else if (field.Number == GraphSparse) throw Unsafe("sparse weights");
        }
    }

    private static void Node(ReadOnlySpan<byte> node)
    {
        string type = "", domain = "";
        foreach (var field in new Fields(node))
        {
            if (field.Number == NodeOperator) type = Text(field.Content);
            else if (field.Number == NodeDomain) domain = Text(field.Content);
            else if (field.Number == NodeAttribute) Attribute(field.Content);
        }
        if (domain is not ("" or "ai.onnx")) throw Unsafe($"the operator {type} of {domain}");
        if (type is "If" or "Loop" or "Scan" or "SequenceMap") throw Unsafe($"the operator {type}");
    }

    private static void Attribute(ReadOnlySpan<byte> attribute)
    {
        foreach (var field in new Fields(attribute))
        {
            if (field.Number is AttributeTensor or AttributeTensors) Tensor(field.Content);
            else if (field.Number is AttributeGraph or AttributeGraphs or AttributeSparse or AttributeSparses) throw Unsafe("a graph within its graph, or sparse weights");
        }
    }

    private static void Tensor(ReadOnlySpan<byte> tensor)
    {
        foreach (var field in new Fields(tensor))
            if (field.Number == TensorExternal || field.Number == TensorLocation && field.Value != 0) throw Unsafe("weights that lie in other files");
    }

    private static string Text(ReadOnlySpan<byte> utf8) => new([.. Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 60)]).Where(c => !char.IsControl(c))]);

    private static UnusableBundleException Unsafe(string what) => new(BundleProblem.Unsafe,
        $"{ModelManifestFile.OnnxName} holds {what}. A network that is taken in is made of ONNX's own operators, has all its weights inside, and neither branches nor loops; this one isn't.");

    /// <summary>The fields of one message, one after the other.</summary>
    private ref struct Fields(ReadOnlySpan<byte> message)
    {
        private ReadOnlySpan<byte> rest = message;

        public int Number { get; private set; }

        public ulong Value { get; private set; }

        public ReadOnlySpan<byte> Content { get; private set; }

        public readonly Fields GetEnumerator() => this;

        public readonly Fields Current => this;

        public bool MoveNext()
        {
            if (rest.IsEmpty) return false;
            var tag = Varint();
            if (tag >> 3 is 0 or > int.MaxValue) throw new InvalidDataException("a field has no number");
            Number = (int)(tag >> 3);
            Value = 0;
            Content = default;
            switch (tag & 7)
            {
                case 0: Value = Varint(); break;
                case 1: Content = Take(8); break;
                case 2: Content = Take(Varint()); break;
                case 5: Content = Take(4); break;
                default: throw new InvalidDataException("a field is of no known kind");
            }
            return true;
        }

        private ReadOnlySpan<byte> Take(ulong length)
        {
            if (length > (ulong)rest.Length) throw new InvalidDataException("it ends within a field");
            var taken = rest[..(int)length];
            rest = rest[(int)length..];
            return taken;
        }

        private ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; shift < 64; shift += 7)
            {
                if (rest.IsEmpty) throw new InvalidDataException("it ends within a number");
                var next = rest[0];
                rest = rest[1..];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80) return value;
            }
            throw new InvalidDataException("a number is too long");
        }
    }
}
