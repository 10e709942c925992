using LipSol.Models.Training;

namespace LipSol.Models.Weights;

/// <summary>A file of named tensors that a network may start from: safetensors, a PyTorch state_dict, or a checkpoint of LipSol's own. Nothing in it is ever executed.</summary>
internal sealed class WeightsFile : IDisposable
{
    private readonly IDisposable? source;

    private WeightsFile(string format, IReadOnlyDictionary<string, StoredTensor> tensors, IDisposable? source) => (Format, Tensors, this.source) = (format, tensors, source);

    /// <summary><c>safetensors</c>, <c>state_dict</c> or <c>checkpoint</c>: told by its first bytes, not by its name.</summary>
    public string Format { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Opens a file and checks all it says of itself.</summary>
    /// <exception cref="UnusableWeightsException">It's damaged, hostile or of another format.</exception>
    public static WeightsFile Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            Span<byte> start = stackalloc byte[16];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            file.Position = 0;
            if (start.StartsWith("LIPSOL"u8))
            {
                file.Dispose();
                return OfCheckpoint(path);
            }
            if (StateDictFile.IsZip(start)) return new WeightsFile("state_dict", StateDictFile.Read(file), file);
            if (SafetensorsFile.MayBe(start, file.Length)) return new WeightsFile("safetensors", SafetensorsFile.Read(file), file);
            throw new UnusableWeightsException(StateDictFile.IsLegacy(start)
                ? "The file was saved by PyTorch before 1.6, or with _use_new_zipfile_serialization=False: that format is a pickle through and through, which isn't read. Save it again with torch.save in any PyTorch since, or as safetensors."
                : start.Length == 0 ? "The weights' file is empty. Choose the file again."
                : "The file is neither safetensors nor a PyTorch state_dict (a zip with data.pkl), nor a checkpoint of LipSol, or it's cut short. Give the file as safetensors.torch.save_file or torch.save wrote it.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => source?.Dispose();

    // What a run would have exported: its best weights, else their running mean, else the weights.
    private static WeightsFile OfCheckpoint(string path)
    {
        var checkpoint = Read(path);
        var chosen = checkpoint.Best ?? checkpoint.Mean ?? checkpoint.Weights;
        foreach (var other in (NamedTensors?[])[checkpoint.Weights, checkpoint.Mean, checkpoint.Best, checkpoint.Optimizer])
            if (other is not null && !ReferenceEquals(other, chosen)) other.Dispose();
        return new WeightsFile("checkpoint", chosen.ByName.ToDictionary(t => t.Key, t => new StoredTensor(t.Key, StoredTensor.NameOf(t.Value.dtype) ?? $"{t.Value.dtype}", t.Value.shape, () => t.Value.bytes.ToArray()), StringComparer.Ordinal), chosen);
    }

    // A checkpoint's own refusal speaks of going on with a run.
    private static Checkpoint Read(string path)
    {
        try
        {
            return Checkpoint.Read(path);
        }
        catch (InvalidCheckpointException e)
        {
            throw new UnusableWeightsException("The weights' file is a checkpoint that is damaged, cut short or of another version of LipSol. Copy it again, or start from the run itself or its weights.safetensors.", e);
        }
    }
}
