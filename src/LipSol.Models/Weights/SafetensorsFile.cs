using System.Buffers.Binary;
using System.Text.Json;
using LipSol.Models.Training;

namespace LipSol.Models.Weights;

/// <summary>Safetensors (https://github.com/huggingface/safetensors#format): the header's length in 8 bytes, a JSON header with type, shape and place of each tensor, then their bytes without holes.</summary>
internal static class SafetensorsFile
{
    /// <summary>The name under which a run's final weights lie in its model folder.</summary>
    public const string Name = "weights.safetensors";

    // As the reference implementation: a longer header is refused before anything is allocated for it.
    private const long LongestHeader = 100_000_000;
    private const int Alignment = 8;

    /// <summary>Whether a file that begins with <paramref name="start"/> can be one.</summary>
    public static bool MayBe(ReadOnlySpan<byte> start, long length) =>
        start.Length > 8 && start[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) is var header && header <= LongestHeader && header <= (ulong)length;

    /// <summary>The tensors of a file that stays open.</summary>
    /// <exception cref="UnusableWeightsException">It's damaged, or contradicts itself.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Read(FileStream file)
    {
        try
        {
            Span<byte> prefix = stackalloc byte[8];
            file.ReadExactly(prefix);
            var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (headerLength > LongestHeader) throw Damaged($"its header claims {headerLength} bytes; at most {LongestHeader} are read");
            if (headerLength > (ulong)(file.Length - 8)) throw Damaged("it ends inside its header");
            var header = new byte[headerLength];
            file.ReadExactly(header);
            using var json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            return Tensors(json.RootElement, file, 8 + (long)headerLength);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException or EndOfStreamException)
        {
            throw new UnusableWeightsException($"The safetensors file can't be read: its header isn't one ({e.Message}). Copy or save it again.", e);
        }
    }

    /// <summary>Writes tensors in an order that depends on their names and types alone: equal tensors give equal files.</summary>
    public static void Write(string path, NamedTensors tensors, IReadOnlyDictionary<string, string> metadata)
    {
        // The widest elements first, so that each begins where its width divides.
        var all = tensors.InOrder.Select(t => (Name: t.Key, Tensor: t.Value, Type: StoredTensor.NameOf(t.Value.dtype) ?? throw new NotSupportedException($"{t.Key} is {t.Value.dtype}, which safetensors doesn't know.")))
            .OrderByDescending(t => StoredTensor.BytesOf(t.Type)).ThenBy(t => t.Name, StringComparer.Ordinal).ToArray();
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
            json.WriteEndObject();
            var offset = 0L;
            foreach (var (name, tensor, type) in all)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type);
                json.WriteStartArray("shape");
                foreach (var size in tensor.shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.numel() * StoredTensor.BytesOf(type)!.Value);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (header.Length % Alignment != 0) header.WriteByte((byte)' ');

        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        file.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
        foreach (var (_, tensor, _) in all)
        {
            using var cpu = tensor.cpu();
            using var dense = cpu.contiguous();
            file.Write(dense.bytes);
        }
    }

    private static Dictionary<string, StoredTensor> Tensors(JsonElement header, FileStream file, long data)
    {
        if (header.ValueKind != JsonValueKind.Object) throw Damaged("its header is no JSON object");
        var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        var places = new List<(long Begin, long End, string Name)>();
        foreach (var entry in header.EnumerateObject())
        {
            if (entry.Name == "__metadata__") continue;
            var type = entry.Value.GetProperty("dtype").GetString() ?? "";
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
            long[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64())];
            if (offsets is not [var begin, var end] || begin < 0 || end < begin) throw Damaged($"{entry.Name} lies from {string.Join(" to ", offsets)}");
            if (StoredTensor.BytesOf(type) is { } bytes && checked(StoredTensor.Count(shape) * bytes) != end - begin)
                throw Damaged($"{entry.Name} is {StoredTensor.Describe(type, shape)}, which aren't its {end - begin} bytes");
            if (!tensors.TryAdd(entry.Name, new StoredTensor(entry.Name, type, shape, () => ReadAt(file, data + begin, end - begin)))) throw Damaged($"{entry.Name} is there twice");
            places.Add((begin, end, entry.Name));
        }
        var expected = 0L;
        foreach (var (begin, end, name) in places.OrderBy(p => p.Begin).ThenBy(p => p.End))
        {
            if (begin != expected) throw Damaged($"{name} begins at byte {begin} of the data, where {expected} comes next: tensors overlap, or there is a hole");
            expected = end;
        }
        if (expected != file.Length - data) throw Damaged($"its header tells of {expected} bytes of tensors, and {file.Length - data} are there");
        return tensors;
    }

    private static byte[] ReadAt(FileStream file, long at, long length)
    {
        var bytes = new byte[length];
        file.Position = at;
        file.ReadExactly(bytes);
        return bytes;
    }

    private static UnusableWeightsException Damaged(string what) => new($"The safetensors file is damaged or cut short: {what}. Copy or save it again.");
}
