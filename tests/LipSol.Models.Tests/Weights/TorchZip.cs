using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace LipSol.Models.Tests.Weights;

/// <summary>Writes a state_dict as torch.save does, byte by byte: an OrderedDict of tensors pickled with protocol 2, and one file a storage.</summary>
internal static class TorchZip
{
    public static void Write(string path, params (string Name, long[] Shape, float[] Values)[] tensors)
    {
        var pickle = new MemoryStream();
        Bytes(pickle, [0x80, 2]);
        Global(pickle, "collections", "OrderedDict");
        Text(pickle, ")R(");
        for (var i = 0; i < tensors.Length; i++)
        {
            var (name, shape, values) = tensors[i];
            Unicode(pickle, name);
            Global(pickle, "torch._utils", "_rebuild_tensor_v2");
            Text(pickle, "((");
            Unicode(pickle, "storage");
            Global(pickle, "torch", "FloatStorage");
            Unicode(pickle, $"{i}");
            Unicode(pickle, "cpu");
            Int(pickle, values.Length);
            Text(pickle, "tQ");
            Int(pickle, 0);
            Text(pickle, "(");
            foreach (var size in shape) Int(pickle, (int)size);
            Text(pickle, "t(");
            for (var d = 0; d < shape.Length; d++) Int(pickle, (int)shape[(d + 1)..].Aggregate(1L, (a, b) => a * b));
            Bytes(pickle, [(byte)'t', 0x89]);
            Global(pickle, "collections", "OrderedDict");
            Text(pickle, ")RtR");
        }
        Text(pickle, "u");
        // The attributes of the OrderedDict: {'_metadata': OrderedDict()}.
        Text(pickle, "}");
        Unicode(pickle, "_metadata");
        Global(pickle, "collections", "OrderedDict");
        Text(pickle, ")Rsb.");
        Write(path, pickle.ToArray(), [.. tensors.Select((t, i) => ($"{i}", MemoryMarshal.AsBytes(t.Values.AsSpan()).ToArray()))]);
    }

    public static void Write(string path, byte[] pickle, params (string Key, byte[] Bytes)[] storages)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        void Put(string name, byte[] content)
        {
            using var part = zip.CreateEntry("model/" + name, CompressionLevel.NoCompression).Open();
            part.Write(content);
        }
        Put("data.pkl", pickle);
        Put("byteorder", "little"u8.ToArray());
        foreach (var (key, bytes) in storages) Put("data/" + key, bytes);
        Put("version", "3\n"u8.ToArray());
    }

    /// <summary>A pickle that would run a command, were it unpickled.</summary>
    public static byte[] Hostile()
    {
        var pickle = new MemoryStream();
        Bytes(pickle, [0x80, 2]);
        Global(pickle, "posix", "system");
        Unicode(pickle, "touch /tmp/lipsol-was-here");
        Bytes(pickle, [0x85, (byte)'R', (byte)'.']);
        return pickle.ToArray();
    }

    private static void Global(Stream to, string module, string name) => Text(to, $"c{module}\n{name}\n");

    private static void Unicode(Stream to, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Number(to, 'X', utf8.Length);
        to.Write(utf8);
    }

    private static void Int(Stream to, int value) => Number(to, 'J', value);

    private static void Number(Stream to, char opcode, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        to.WriteByte((byte)opcode);
        to.Write(bytes);
    }

    private static void Text(Stream to, string ascii) => to.Write(Encoding.ASCII.GetBytes(ascii));

    private static void Bytes(Stream to, byte[] bytes) => to.Write(bytes);
}
