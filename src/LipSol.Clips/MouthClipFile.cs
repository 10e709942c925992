using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace LipSol.Clips;

/// <summary>Reads and writes mouth clips as NumPy <c>.npz</c> files, so that <c>numpy.load</c> opens them.</summary>
/// <remarks>
/// Entries: <c>frames.npy</c> (uint8, T×H×W), <c>source.npy</c> (uint8, T; 0 missing, 1 interpolated, 2 tracked),
/// <c>confidence.npy</c> (float32, T), <c>meta.json</c> (frames a second and crop settings).
/// Format: numpy.lib.format version 1.0, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
/// The bytes are a function of the clip alone, so equal clips have equal content hashes.
/// </remarks>
public static class MouthClipFile
{
    /// <summary>The file's extension.</summary>
    public const string Extension = ".npz";

    private const string Frames = "frames.npy";

    /// <summary>Half an hour at the usual size; a file that claims more is refused before memory is taken for it.</summary>
    private const long LargestEntry = 1L << 29;
    /// <summary>An hour at 50 frames a second. What is kept of a frame beside its pixels costs more memory than it takes room in a file.</summary>
    private const int MostFrames = 180_000;
    private const int LargestHeader = 1 << 16;
    private const int LargestMeta = 1 << 16;
    private static readonly DateTimeOffset ZipEpoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes <paramref name="clip"/> to <paramref name="destination"/>.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="packed">False leaves the entries as they are, as <c>numpy.savez</c> does: half as large again, and read in a quarter of the time. For clips on their way; what is kept is packed.</param>
    public static void Write(MouthClip clip, Stream destination, bool packed = true)
    {
        var level = packed ? CompressionLevel.Fastest : CompressionLevel.NoCompression;
        using var zip = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        WriteNpy(zip, level, Frames, "|u1", [clip.Length, clip.Height, clip.Width], clip.Frames_THW);
        WriteNpy(zip, level, "source.npy", "|u1", [clip.Length], clip.Quality.Select(q => (byte)q.Source).ToArray());
        WriteNpy(zip, level, "confidence.npy", "<f4", [clip.Length], clip.Quality.SelectMany(q => BitConverter.GetBytes(q.Confidence)).ToArray());
        using var meta = Entry(zip, level, "meta.json");
        JsonSerializer.Serialize(meta, new Meta(clip.FramesPerSecond, clip.Settings));
    }

    /// <summary>The file's bytes for <paramref name="clip"/>.</summary>
    /// <inheritdoc cref="Write" path="/param"/>
    public static byte[] ToBytes(MouthClip clip, bool packed = true)
    {
        using var buffer = new MemoryStream(clip.Frames_THW.Length + 4096);
        Write(clip, buffer, packed);
        return buffer.ToArray();
    }

    /// <summary>Reads a mouth clip.</summary>
    /// <param name="source">The file.</param>
    /// <param name="largestEntry">Most bytes of one unpacked entry: a small file can claim to unpack to a very large one.</param>
    /// <param name="frames">Gives the array for the frames, of just so many bytes; null: a new one.</param>
    /// <exception cref="UnusableClipException">The stream isn't a mouth clip, it's damaged, or it's larger than that.</exception>
    public static MouthClip Read(Stream source, long largestEntry = LargestEntry, Func<int, byte[]>? frames = null)
    {
        try
        {
            ZipDirectory.RequireShort(source);
            using var zip = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
            var (sources, _) = ReadNpy(zip, "source.npy", "|u1", MostFrames + LargestHeader);
            var (confidences, _) = ReadNpy(zip, "confidence.npy", "<f4", 4 * MostFrames + LargestHeader);
            var meta = ReadMeta(zip);
            if (zip.GetEntry(Frames) is { Length: var unpacked } && unpacked > largestEntry)
                throw new UnusableClipException(UnusableReason.TooLarge, $"The mouth clip's frames unpack to {unpacked / 1048576.0:0.#} MB; at most {largestEntry / 1048576.0:0.#} MB are taken. Cut the recording into shorter clips, and crop them again with `lipsol crop`.");
            var (frames_THW, shape) = ReadNpy(zip, Frames, "|u1", largestEntry, frames);
            if (shape.Length != 3) throw new InvalidDataException($"{Frames} has {shape.Length} dimensions, not 3");
            if (shape[0] > MostFrames) throw new InvalidDataException($"it has {shape[0]} frames; at most {MostFrames} are read");
            var quality = new FrameQuality[shape[0]];
            if (sources.Length != quality.Length || confidences.Length != 4 * quality.Length)
                throw new InvalidDataException("the quality arrays are not as long as the clip");
            for (var t = 0; t < quality.Length; t++)
            {
                quality[t] = new FrameQuality((FrameSource)sources[t], BitConverter.ToSingle(confidences, 4 * t));
                if (!Enum.IsDefined(quality[t].Source) || !(quality[t].Confidence is >= 0 and <= 1)) throw new InvalidDataException($"the quality of frame {t} is out of range");
            }

            if (meta.FramesPerSecond is not (>= 1 and <= 1000)) throw new InvalidDataException($"{meta.FramesPerSecond:R} is not a clip's frame rate");
            if (meta.Settings?.LandmarkModels is null) throw new InvalidDataException("meta.json holds no crop settings");
            return new MouthClip(frames_THW, shape[1], shape[2], meta.FramesPerSecond, quality, meta.Settings);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or ArgumentException or EndOfStreamException or OverflowException or FormatException or NotSupportedException)
        {
            throw new UnusableClipException(UnusableReason.Undecodable, $"Not a mouth clip ({e.Message}). A mouth clip is an .npz file as `lipsol crop` writes it.", e);
        }
    }

    /// <summary>Reads a mouth clip from a file.</summary>
    /// <exception cref="UnusableClipException">The file is missing, isn't a mouth clip, or is damaged.</exception>
    public static MouthClip Read(string path)
    {
        if (!File.Exists(path)) throw new UnusableClipException(UnusableReason.Missing, $"{path} does not exist.");
        using var file = File.OpenRead(path);
        return Read(file);
    }

    private sealed record Meta(double FramesPerSecond, CropSettings Settings);

    private static Stream Entry(ZipArchive zip, CompressionLevel level, string name)
    {
        var entry = zip.CreateEntry(name, level);
        entry.LastWriteTime = ZipEpoch;
        return entry.Open();
    }

    private static void WriteNpy(ZipArchive zip, CompressionLevel level, string name, string type, int[] shape, byte[] data)
    {
        var dimensions = string.Join(", ", shape) + (shape.Length == 1 ? "," : "");
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({dimensions}), }}";
        header = header.PadRight((header.Length + 10 + 1 + 63) / 64 * 64 - 11) + "\n";
        using var stream = Entry(zip, level, name);
        stream.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0]);
        stream.Write(BitConverter.GetBytes((ushort)header.Length));
        stream.Write(Encoding.ASCII.GetBytes(header));
        stream.Write(data);
    }

    private static Meta ReadMeta(ZipArchive zip)
    {
        var entry = zip.GetEntry("meta.json") ?? throw new InvalidDataException("meta.json is missing");
        if (entry.Length > LargestMeta) throw new InvalidDataException($"meta.json is larger than {LargestMeta} bytes");
        // What the archive says of its length is held to: a stream that goes on behind it isn't read.
        var json = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(json);
        return JsonSerializer.Deserialize<Meta>(json) ?? throw new InvalidDataException("meta.json is empty");
    }

    private static (byte[] Data, int[] Shape) ReadNpy(ZipArchive zip, string name, string type, long largestEntry, Func<int, byte[]>? array = null)
    {
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"{name} is missing");
        if (entry.Length > largestEntry) throw new InvalidDataException($"{name} is larger than {largestEntry} bytes");
        using var stream = entry.Open();
        Span<byte> start = stackalloc byte[10];
        stream.ReadExactly(start);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new InvalidDataException($"{name} is not a NumPy array");
        var headerBytes = new byte[BitConverter.ToUInt16(start[8..])];
        stream.ReadExactly(headerBytes);
        var header = Encoding.ASCII.GetString(headerBytes);
        if (!header.Contains($"'{type}'", StringComparison.Ordinal) || header.Contains("'fortran_order': True", StringComparison.Ordinal))
            throw new InvalidDataException($"{name} is not a row-major array of {type}");
        var open = header.IndexOf('(', StringComparison.Ordinal);
        var shape = header[(open + 1)..header.IndexOf(')', open)].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(int.Parse).ToArray();
        var size = shape.Aggregate(type == "<f4" ? 4L : 1L, (a, b) => checked(a * b));
        if (size > entry.Length || shape.Any(d => d < 0)) throw new InvalidDataException($"{name} has an impossible shape");
        var length = checked((int)size);
        var data = array?.Invoke(length) ?? GC.AllocateUninitializedArray<byte>(length); // read whole, or not used
        stream.ReadExactly(data);
        return (data, shape);
    }
}
