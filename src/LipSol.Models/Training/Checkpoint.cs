using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>A checkpoint that can't be gone on from: damaged, or of another run.</summary>
public sealed class InvalidCheckpointException : Exception
{
    /// <summary>Creates the refusal.</summary>
    /// <param name="message">Which file, what was wrong, what to do.</param>
    /// <param name="inner">What caused it, if anything.</param>
    public InvalidCheckpointException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>Where a run stands. With the tensors it is all that decides how the run goes on.</summary>
/// <remarks>Torch's generator needs no state of its own here: it is seeded anew for each step from (seed, step), and so are the samples from (seed, epoch, sample).</remarks>
internal sealed record TrainingPosition
{
    /// <summary>Hash of everything that decides the run's numbers; a checkpoint goes on only in a run with the same.</summary>
    public required string Run { get; init; }
    public required long Seed { get; init; }
    /// <summary>Epochs done.</summary>
    public int Epoch { get; init; }
    /// <summary>Steps done in the epoch that is under way.</summary>
    public int StepInEpoch { get; init; }
    /// <summary>Steps done in all.</summary>
    public long Step { get; init; }
    /// <summary>Of <see cref="Of"/> words or letters in the epoch so far, those read right.</summary>
    public long Right { get; init; }
    public long Of { get; init; }
    public int BestEpoch { get; init; } = -1;
    public double BestScore { get; init; } = double.MinValue;
    public double BestLoss { get; init; } = double.MaxValue;
    /// <summary>Seconds of training so far, over all attempts.</summary>
    public double Seconds { get; init; }
}

/// <summary>A run's state in one file: position, weights, their running mean, the best weights, the optimiser.</summary>
/// <remarks>
/// Layout: 8 bytes magic, 32 bytes SHA-256 of the rest, then the rest. Written beside its place and moved there, so a file under a
/// checkpoint's name is whole; the hash tells of what happens to it later.
/// </remarks>
internal sealed record Checkpoint(TrainingPosition Position, NamedTensors Weights, NamedTensors? Mean, NamedTensors? Best, NamedTensors Optimizer)
{
    private static readonly byte[] Magic = "LIPSOL\u0003\n"u8.ToArray();

    public void Write(string path)
    {
        using var body = new MemoryStream();
        body.Write(Magic);
        body.Write(new byte[SHA256.HashSizeInBytes]);
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(JsonSerializer.Serialize(Position));
            Write(writer, Weights);
            Write(writer, Mean);
            Write(writer, Best);
            Write(writer, Optimizer);
        }
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        var content = Magic.Length + SHA256.HashSizeInBytes;
        SHA256.HashData(bytes[content..], bytes[Magic.Length..content]);

        var fresh = path + ".tmp";
        using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
    }

    public static Checkpoint Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidCheckpointException($"The checkpoint {path} does not exist.");
        var bytes = File.ReadAllBytes(path);
        var content = Magic.Length + SHA256.HashSizeInBytes;
        if (bytes.Length < content || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic))
            throw new InvalidCheckpointException($"{path} is not a checkpoint of this version of LipSol ({bytes.Length} bytes). Start the run anew, or go on from an earlier checkpoint.");
        if (!SHA256.HashData(bytes.AsSpan(content)).AsSpan().SequenceEqual(bytes.AsSpan(Magic.Length, SHA256.HashSizeInBytes)))
            throw new InvalidCheckpointException($"The checkpoint {path} is damaged or cut short: its content does not have the hash it was written with. Go on from an earlier one, or start the run anew.");

        using var reader = new BinaryReader(new MemoryStream(bytes, content, bytes.Length - content), Encoding.UTF8);
        var position = JsonSerializer.Deserialize<TrainingPosition>(reader.ReadString())!;
        return new Checkpoint(position, ReadTensors(reader)!, ReadTensors(reader), ReadTensors(reader), ReadTensors(reader)!);
    }

    private static void Write(BinaryWriter writer, NamedTensors? tensors)
    {
        var all = tensors?.InOrder.ToList();
        writer.Write(all?.Count ?? -1);
        foreach (var (name, value) in all ?? [])
        {
            using var cpu = value.cpu();
            using var dense = cpu.contiguous();
            writer.Write(name);
            writer.Write((int)dense.dtype);
            writer.Write(dense.shape.Length);
            foreach (var size in dense.shape) writer.Write(size);
            writer.Write(dense.bytes);
        }
    }

    private static NamedTensors? ReadTensors(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count < 0) return null;
        var tensors = new Dictionary<string, Tensor>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadString();
            var type = (ScalarType)reader.ReadInt32();
            var shape = new long[reader.ReadInt32()];
            for (var d = 0; d < shape.Length; d++) shape[d] = reader.ReadInt64();
            var value = empty(shape, dtype: type).DetachFromDisposeScope();
            reader.BaseStream.ReadExactly(value.bytes);
            tensors.Add(name, value);
        }
        return NamedTensors.Owning(tensors);
    }
}
