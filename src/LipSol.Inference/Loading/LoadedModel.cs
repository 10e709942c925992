using LipSol.Clips;
using Microsoft.ML.OnnxRuntime;

namespace LipSol.Inference;

/// <summary>A model version ready to read. Safe for use from several threads.</summary>
/// <remarks>Disposing it waits for no one: reads under way finish first, the native session goes with the last of them; later reads throw <see cref="ObjectDisposedException"/>.</remarks>
public sealed class LoadedModel : IDisposable
{
    private readonly CountedSession session;
    private readonly string inputName;
    private readonly string outputName;
    private readonly string cropFingerprint;

    private LoadedModel(ModelManifest manifest, CountedSession session, DeviceChoice choice, string inputName, string outputName)
    {
        Manifest = manifest;
        Device = choice.Device;
        DeviceNote = choice.Note;
        this.session = session;
        this.inputName = inputName;
        this.outputName = outputName;
        cropFingerprint = manifest.Crop.Fingerprint();
    }

    /// <summary>What the version carries beside its network.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The device that computes it: <c>cpu</c> or <c>cuda:n</c>.</summary>
    public string Device { get; }

    /// <summary>Why it's the CPU although a GPU was looked for; null otherwise.</summary>
    public string? DeviceNote { get; }

    /// <summary>Loads a model folder (<c>model.json</c>, <c>model.onnx</c>) and reads a clip of zeros with it.</summary>
    /// <exception cref="UnusableModelException">The folder holds no model that this version can read; the message says why.</exception>
    public static LoadedModel Load(string folder, SessionSettings? settings = null) => Load(folder, settings ?? new SessionSettings(), new OnnxExecutionProviders());

    internal static LoadedModel Load(string folder, SessionSettings settings, IExecutionProviders providers)
    {
        var manifest = ModelManifestFile.Read(folder);
        if (manifest.Task != ModelTask.Word)
            throw new UnusableModelException($"{folder} holds a model that reads {manifest.Task}; this version of LipSol serves models that read one word a clip.");
        var path = Path.Combine(folder, ModelManifestFile.OnnxName);
        var (native, choice) = DeviceChoice.Open(providers, path, settings.Device, settings.Threads);
        try
        {
            var (input, output) = CheckShapes(native, manifest, path);
            var model = new LoadedModel(manifest, new CountedSession(native), choice, input, output);
            model.Infer([new float[manifest.Input.Length]]);
            return model;
        }
        catch (OnnxRuntimeException e)
        {
            native.Dispose();
            throw new UnusableModelException($"{path} can't be computed: {e.Message}", e);
        }
        catch (UnusableModelException)
        {
            native.Dispose();
            throw;
        }
    }

    /// <summary>Reads one mouth clip.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="start">Where the word starts, in seconds from the clip's start; null looks for it (see remarks).</param>
    /// <param name="end">Where the word ends. Given if and only if <paramref name="start"/> is.</param>
    /// <exception cref="UnusableClipException">This model can't read this clip: made with other crop settings, too long, too short, or the word lies outside it.</exception>
    /// <remarks>Where nobody says where the word is, a model that marks the word, or a clip that is longer than one, has it looked for: from where the lips leave their rest to where they come back. The reading says where it was found.</remarks>
    public WordReading Read(MouthClip clip, double? start = null, double? end = null) => Read([Prepare(clip, start, end)])[0];

    /// <summary>Checks a clip and makes the network's input of it: what can be done before, and beside, the network.</summary>
    /// <inheritdoc cref="Read(MouthClip, double?, double?)" path="/param"/>
    /// <inheritdoc cref="Read(MouthClip, double?, double?)" path="/exception"/>
    public PreparedClip Prepare(MouthClip clip, double? start = null, double? end = null)
    {
        ArgumentNullException.ThrowIfNull(clip);
        var word = ClipChecks.Check(clip, Manifest, cropFingerprint, start, end);
        var seconds = clip.Length / clip.FramesPerSecond;
        return new PreparedClip(ClipInput.ToTensor(clip, Manifest.Input, word),
            Math.Clamp(word?.Start / clip.FramesPerSecond ?? 0, 0, seconds), Math.Clamp(word?.End / clip.FramesPerSecond ?? seconds, 0, seconds));
    }

    /// <summary>Makes the network's input of a corpus' sample, as training made it: only the crop settings are checked, since the corpus' own times say where the word is.</summary>
    /// <param name="clip">The sample's mouth clip.</param>
    /// <param name="word">The word in it; null where the clip is the word.</param>
    /// <exception cref="UnusableClipException">The clip was made with other crop settings, or the word lies outside it.</exception>
    public PreparedClip PrepareSample(MouthClip clip, WordSpan? word)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ClipChecks.CheckSettings(clip, Manifest.Crop, cropFingerprint);
        return new PreparedClip(ClipInput.ToTensor(clip, Manifest.Input, word), (word?.Start ?? 0) / clip.FramesPerSecond, (word?.End ?? clip.Length) / clip.FramesPerSecond);
    }

    /// <summary>Reads several clips in one pass through the network.</summary>
    public IReadOnlyList<WordReading> Read(IReadOnlyList<PreparedClip> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        if (clips.Count == 0) return [];
        var logits_BV = Infer([.. clips.Select(c => c.Input_CTHW)]);
        var classes = Manifest.Vocabulary.Count;
        return [.. clips.Select((clip, b) => WordDecoding.Decode(logits_BV.AsSpan(b * classes, classes), Manifest, clip.Start, clip.End))];
    }

    /// <summary>The network's bare answer to one input tensor: what an export is compared by.</summary>
    /// <param name="input_CTHW">As <see cref="ClipInput"/> makes it.</param>
    public float[] Logits(float[] input_CTHW)
    {
        ArgumentNullException.ThrowIfNull(input_CTHW);
        return Infer([input_CTHW]);
    }

    /// <summary>Lets go of the session once the reads under way are done. Repeatable.</summary>
    public void Dispose() => session.Dispose();

    private float[] Infer(float[][] inputs_CTHW)
    {
        var spec = Manifest.Input;
        var batch = inputs_CTHW.Length;
        var input_BCTHW = batch == 1 ? inputs_CTHW[0] : [.. inputs_CTHW.SelectMany(i => i)];
        using var hold = session.Hold();
        using var tensor = OrtValue.CreateTensorValueFromMemory(input_BCTHW, [batch, spec.Channels, spec.Frames, spec.Size, spec.Size]);
        using var run = new RunOptions();
        using var outputs = hold.Session.Run(run, [inputName], [tensor], [outputName]);
        var logits = outputs[0].GetTensorDataAsSpan<float>();
        var expected = batch * Manifest.Vocabulary.Count;
        return logits.Length == expected
            ? logits.ToArray()
            : throw new UnusableModelException($"The network gave {logits.Length} logits for {batch} clips and {Manifest.Vocabulary.Count} classes. Export the model again.");
    }

    private static (string Input, string Output) CheckShapes(InferenceSession native, ModelManifest manifest, string path)
    {
        if (native.InputMetadata.Count != 1 || native.OutputMetadata.Count < 1)
            throw new UnusableModelException($"{path} has {native.InputMetadata.Count} inputs; one, clip_BCTHW, is needed.");
        var (inputName, input) = native.InputMetadata.First();
        int[] wanted = [-1, manifest.Input.Channels, manifest.Input.Frames, manifest.Input.Size, manifest.Input.Size];
        // -1 in the file is a dimension left open.
        if (input.ElementType != typeof(float) || input.Dimensions.Length != 5 || input.Dimensions.Zip(wanted).Any(d => d.First > 0 && d.Second > 0 && d.First != d.Second))
            throw new UnusableModelException($"{path} reads [{string.Join('×', input.Dimensions)}], but {ModelManifestFile.Name} describes [{string.Join('×', wanted)}]. Export the model again.");
        var (outputName, output) = native.OutputMetadata.First();
        if (output.ElementType != typeof(float) || (output.Dimensions is [.., > 0] && output.Dimensions[^1] != manifest.Vocabulary.Count))
            throw new UnusableModelException($"{path} has {output.Dimensions[^1]} classes, but {ModelManifestFile.Name} names {manifest.Vocabulary.Count}. Export the model again.");
        return (inputName, outputName);
    }
}

/// <summary>A clip that was checked and made into a network's input.</summary>
/// <param name="Input_CTHW">The input tensor.</param>
/// <param name="Start">Where the word starts, in seconds.</param>
/// <param name="End">Where it ends.</param>
public sealed record PreparedClip(float[] Input_CTHW, double Start, double End);
