using System.IO.Compression;
using System.Text;

namespace LipSol.Models.Weights;

/// <summary>A state_dict as <c>torch.save</c> writes it since PyTorch 1.6: a zip with <c>data.pkl</c> (which tensors there are) and one file of raw bytes a storage. The pickle is read by <see cref="StatePickle"/>, which executes nothing.</summary>
internal static class StateDictFile
{
    private const int LongestPickle = 64 << 20, MostParts = 200_000, MostTensors = 100_000, Deepest = 16;
    private static readonly byte[] LegacyMagic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>Whether a file that begins so is a zip.</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8);

    /// <summary>Whether a file that begins so was written by <c>torch.save</c> before zips.</summary>
    public static bool IsLegacy(ReadOnlySpan<byte> start) => start.StartsWith(LegacyMagic);

    /// <summary>The tensors of a file that stays open; those in nested dictionaries as <c>outer.inner</c>. Whatever isn't a tensor is left out.</summary>
    /// <exception cref="UnusableWeightsException">It's damaged, names something that no state_dict needs, or holds no tensor.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Read(FileStream file)
    {
        try
        {
            var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            if (zip.Entries.Count > MostParts) throw new UnusableWeightsException($"The state_dict's zip holds {zip.Entries.Count} files; at most {MostParts} are read.");
            ZipArchiveEntry[] pickles = [.. zip.Entries.Where(e => e.FullName.EndsWith("/data.pkl", StringComparison.Ordinal) && e.FullName.Count(c => c == '/') == 1)];
            if (pickles.Length != 1) throw new UnusableWeightsException($"The zip holds {pickles.Length} files called data.pkl, so it's no state_dict that torch.save wrote.");
            var root = pickles[0].FullName[..^"data.pkl".Length];
            var order = zip.GetEntry(root + "byteorder") is { } entry ? Encoding.ASCII.GetString(ReadPart(entry, Math.Min(entry.Length, 16))).Trim() : "little";
            if (order != "little") throw new UnusableWeightsException($"The state_dict's numbers are {order}-endian. Save it again on a little-endian machine.");
            if (pickles[0].Length > LongestPickle) throw new UnusableWeightsException($"The state_dict's data.pkl has {pickles[0].Length >> 20} MB; at most {LongestPickle >> 20} MB are read.");
            var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
            var visited = 0;
            Collect(StatePickle.Read(ReadPart(pickles[0], pickles[0].Length)), "", 0);
            return tensors.Count > 0 ? tensors : throw new UnusableWeightsException("The state_dict holds no tensor.");

            void Collect(object? value, string name, int depth)
            {
                if (++visited > MostTensors || depth > Deepest) throw new UnusableWeightsException($"The state_dict holds more than {MostTensors} values, or dictionaries more than {Deepest} deep: it isn't one.");
                if (value is PickledTensor tensor) tensors[name] = Stored(zip, root, name, tensor);
                else if (value is PickledDictionary dictionary)
                    foreach (var (key, inner) in dictionary.Items) Collect(inner, name.Length == 0 ? $"{key}" : $"{name}.{key}", depth + 1);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or OverflowException)
        {
            throw new UnusableWeightsException($"The state_dict is damaged or cut short ({e.Message}). Copy or save it again.", e);
        }
    }

    private static StoredTensor Stored(ZipArchive zip, string root, string name, PickledTensor tensor)
    {
        var bytes = StoredTensor.BytesOf(tensor.Storage.Type)!.Value;
        var count = StoredTensor.Count(tensor.Shape);
        var last = tensor.Offset;
        for (var d = 0; d < tensor.Shape.Count; d++)
        {
            if (tensor.Strides[d] < 0) throw new OverflowException($"{name} has the stride {tensor.Strides[d]}");
            last = checked(last + (Math.Max(1, tensor.Shape[d]) - 1) * tensor.Strides[d]);
        }
        // As many values as its storage has at most: what is spread over itself would unfold to any size.
        if (tensor.Offset < 0 || tensor.Storage.Count < 0 || count > tensor.Storage.Count || (count > 0 && last >= tensor.Storage.Count)) throw new InvalidDataException($"{name} reaches beyond its storage of {tensor.Storage.Count} values");
        var part = zip.GetEntry($"{root}data/{tensor.Storage.Key}") ?? throw new InvalidDataException($"the storage of {name}, data/{tensor.Storage.Key}, is missing");
        if (part.Length < checked(tensor.Storage.Count * bytes)) throw new InvalidDataException($"the storage of {name} has {part.Length} bytes instead of {tensor.Storage.Count * bytes}");
        return new StoredTensor(name, tensor.Storage.Type, tensor.Shape, () => Gather(ReadPart(part, tensor.Storage.Count * bytes), tensor, count, bytes));
    }

    private static byte[] Gather(byte[] storage, PickledTensor tensor, long count, int bytes)
    {
        var values = new byte[count * bytes];
        var index = new long[tensor.Shape.Count];
        for (long i = 0, at = tensor.Offset; i < count; i++)
        {
            storage.AsSpan((int)(at * bytes), bytes).CopyTo(values.AsSpan((int)(i * bytes)));
            for (var d = index.Length - 1; d >= 0; d--)
            {
                at += tensor.Strides[d];
                if (++index[d] < tensor.Shape[d]) break;
                at -= tensor.Strides[d] * tensor.Shape[d];
                index[d] = 0;
            }
        }
        return values;
    }

    private static byte[] ReadPart(ZipArchiveEntry entry, long length)
    {
        // The directory's length is a claim: no more than it says is ever read, and less is damage.
        var bytes = new byte[checked((int)length)];
        using var content = entry.Open();
        content.ReadExactly(bytes);
        return bytes;
    }
}
