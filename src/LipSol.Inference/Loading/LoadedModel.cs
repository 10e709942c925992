using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using LipSol.Clips;
using LipSol.Language.Alignment;
using LipSol.Language.Decoding;
using Microsoft.ML.OnnxRuntime;

namespace LipSol.Inference;

/// <summary>A model version ready to read. Safe for use from several threads.</summary>
/// <remarks>Disposing it waits for no one: reads under way finish first, the native session goes with the last of them; later reads throw <see cref="ObjectDisposedException"/>.</remarks>
public sealed class LoadedModel : IDisposable
{
    private readonly CountedSession session;
    private readonly string cropFingerprint;
    private readonly SentenceDecoders? decoders;
    private readonly int threads;

    private LoadedModel(ModelManifest manifest, CountedSession session, DeviceChoice choice, SentenceDecoders? decoders, int threads)
    {
        Manifest = manifest;
        (this.decoders, this.threads) = (decoders, Math.Max(1, threads));
        Device = choice.Device;
        DeviceNote = choice.Note;
        this.session = session;
        cropFingerprint = manifest.Crop.Fingerprint();
    }

    /// <summary>What the version carries beside its network.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The device that computes it: <c>cpu</c> or <c>cuda:n</c>.</summary>
    public string Device { get; }

    /// <summary>Why it's the CPU although a GPU was looked for; null otherwise.</summary>
    public string? DeviceNote { get; }

    /// <summary>The kinds of decoder that it can read sentences with; none for a model of words.</summary>
    public IReadOnlyList<DecoderKind> Decoders => decoders?.Kinds ?? [];

    /// <summary>The one that reads where none is named; null for a model of words.</summary>
    public DecoderKind? DefaultDecoder => decoders?.Default;

    /// <summary>What its readings by a decoder follow from beside the network: a sentence's decoder settings, the temperature of its logits. By name, for whoever wants to repeat one.</summary>
    /// <param name="kind">The decoder; null: the default, or a model of words.</param>
    public IReadOnlyDictionary<string, double> DecodingSettings(DecoderKind? kind)
    {
        var settings = new Dictionary<string, double> { ["temperature"] = Manifest.Temperature };
        if (decoders is null) return settings;
        var decoder = decoders[kind ?? decoders.Default].Settings;
        settings["nBest"] = decoder.NBest;
        if (decoder.Kind != DecoderKind.Greedy) (settings["beamWidth"], settings["languageModelWeight"], settings["letterBonus"]) = (decoder.BeamWidth, decoder.LanguageModelWeight, decoder.LetterBonus);
        return settings;
    }

    /// <summary>Loads a model folder (<c>model.json</c>, <c>model.onnx</c>, what its decoders work by) and reads with it, alone and in a batch, so that what a clip would fail on fails here.</summary>
    /// <exception cref="UnusableModelException">The folder holds no model that this version can read; the message says why.</exception>
    public static LoadedModel Load(string folder, SessionSettings? settings = null) => Load(folder, settings ?? new SessionSettings(), new OnnxExecutionProviders());

    internal static LoadedModel Load(string folder, SessionSettings settings, IExecutionProviders providers)
    {
        var manifest = ModelManifestFile.Read(folder);
        var path = Path.Combine(folder, ModelManifestFile.OnnxName);
        var decoders = manifest.Task == ModelTask.Characters ? DecodingFiles.Read(manifest, folder) : null;
        var (native, choice) = DeviceChoice.Open(providers, path, settings.Device, settings.Threads);
        try
        {
            ModelShapes.Check(native, manifest, path);
            var model = new LoadedModel(manifest, new CountedSession(native), choice, decoders, settings.Threads);
            ReadingTrial.Run(model, path);
            return model;
        }
        catch
        {
            native.Dispose();
            throw;
        }
    }

    /// <summary>Reads one mouth clip.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="start">Where the word starts, in seconds from the clip's start; null looks for it (see remarks). A model that reads sentences reads from here.</param>
    /// <param name="end">Where the word ends. Given if and only if <paramref name="start"/> is. A model that reads sentences reads to here.</param>
    /// <param name="decoder">What reads a sentence; null: the model's default.</param>
    /// <exception cref="UnusableClipException">This model can't read this clip: made with other crop settings, too long, too short, or the word lies outside it.</exception>
    /// <exception cref="UnavailableDecoderException">The model has no such decoder.</exception>
    /// <remarks>
    /// Where nobody says where the word is, a model that marks the word, or a clip that is longer than one, has it looked for: from where the lips leave their rest to where they come back. The reading says where it was found.
    /// A sentence longer than training ever saw is read in windows, and the reading says so.
    /// </remarks>
    public ClipReading Read(MouthClip clip, double? start = null, double? end = null, DecoderKind? decoder = null) => Read([Prepare(clip, start, end, decoder)])[0];

    /// <summary>Checks a clip and makes the network's input of it: what can be done before, and beside, the network.</summary>
    /// <inheritdoc cref="Read(MouthClip, double?, double?, DecoderKind?)" path="/param"/>
    /// <inheritdoc cref="Read(MouthClip, double?, double?, DecoderKind?)" path="/exception"/>
    public PreparedClip Prepare(MouthClip clip, double? start = null, double? end = null, DecoderKind? decoder = null)
    {
        ArgumentNullException.ThrowIfNull(clip);
        RequireDecoder(decoder);
        var span = ClipChecks.Check(clip, Manifest, cropFingerprint, start, end);
        return Prepared(clip, span) with { Decoder = decoder };
    }

    /// <summary>Makes the network's input of a corpus' sample, as training made it: only the crop settings are checked, since the corpus' own times say where the word is.</summary>
    /// <param name="clip">The sample's mouth clip.</param>
    /// <param name="word">The word in it; null where the clip is the word, or the sentence.</param>
    /// <exception cref="UnusableClipException">The clip was made with other crop settings, or the word lies outside it.</exception>
    public PreparedClip PrepareSample(MouthClip clip, WordSpan? word)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ClipChecks.CheckSettings(clip, Manifest.Crop, cropFingerprint);
        return Prepared(clip, word);
    }

    /// <summary>Reads several clips in one pass through the network, each with the decoder it was prepared for.</summary>
    /// <exception cref="UnavailableDecoderException">The model has no such decoder.</exception>
    public IReadOnlyList<ClipReading> Read(IReadOnlyList<PreparedClip> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        if (clips.Count == 0) return [];
        foreach (var clip in clips) RequireDecoder(clip.Decoder);
        var started = Stopwatch.GetTimestamp();
        var logits = Infer([.. clips.Select(c => c.Input)]);
        var network = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var readings = new ClipReading[clips.Count];
        InParallel(clips.Count, b =>
        {
            var decoding = Stopwatch.GetTimestamp();
            var reading = decoders is null
                ? WordDecoding.Decode(logits[b], Manifest, clips[b].Start, clips[b].End)
                : Decode(logits[b], clips[b], clips[b].Decoder ?? decoders.Default);
            readings[b] = reading with { NetworkMilliseconds = network, DecodingMilliseconds = Stopwatch.GetElapsedTime(decoding).TotalMilliseconds };
        });
        return readings;
    }

    /// <summary>What the network has to compute for a clip.</summary>
    internal ClipWork Work(PreparedClip clip)
    {
        if (Manifest.Task == ModelTask.Word) return new ClipWork(1, Manifest.Input.Frames);
        var windows = SentenceWindows.Of(FramesOf(clip.Input), Manifest.Input.Frames);
        return new ClipWork(windows.Count, windows[0].Length);
    }

    /// <summary>Reads sentences in one pass through the network, with every decoder that the model has.</summary>
    /// <returns>The readings of each clip by decoder; empty ones for a model of words, which has none.</returns>
    public IReadOnlyList<IReadOnlyDictionary<DecoderKind, ClipReading>> ReadWithEach(IReadOnlyList<PreparedClip> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        var readings = new Dictionary<DecoderKind, ClipReading>[clips.Count];
        if (clips.Count == 0 || decoders is null) return [.. clips.Select(_ => new Dictionary<DecoderKind, ClipReading>())];
        var logits = Infer([.. clips.Select(c => c.Input)]);
        InParallel(clips.Count, b => readings[b] = decoders.Kinds.ToDictionary(kind => kind, kind => Decode(logits[b], clips[b], kind)));
        return readings;
    }

    /// <summary>Finds where the words of a known text are said (forced alignment by CTC).</summary>
    /// <param name="clip">The sentence.</param>
    /// <param name="text">What is said, normalised.</param>
    /// <returns>The words with their times; their confidence is 1, since nothing was guessed.</returns>
    /// <exception cref="InvalidOperationException">The model reads words.</exception>
    /// <exception cref="UnusableTranscriptException">The text is empty, has letters outside the model's alphabet, or is longer than the clip's frames allow.</exception>
    public IReadOnlyList<TimedWord> Align(PreparedClip clip, string text)
    {
        ArgumentNullException.ThrowIfNull(clip);
        if (decoders is null) throw new InvalidOperationException("A model that reads single words can't align sentences.");
        var alphabet = decoders[decoders.Default].Alphabet;
        var logProbs_TV = SentenceReadings.LogProbabilities(Infer([clip.Input])[0], alphabet.Count, Manifest.Temperature);
        return [.. CtcAligner.Align(logProbs_TV, alphabet, text).Words.Select(w => new TimedWord(w.Text, clip.Start + w.Start / clip.FramesPerSecond, clip.Start + w.End / clip.FramesPerSecond, 1))];
    }

    /// <summary>Refuses a decoder that the model hasn't got.</summary>
    /// <param name="decoder">The kind; null: the default, which every model has.</param>
    /// <exception cref="UnavailableDecoderException">It hasn't; the message says what it has.</exception>
    public void RequireDecoder(DecoderKind? decoder)
    {
        if (decoder is not { } kind) return;
        if (decoders is null) throw UnavailableDecoderException.OfWords(kind);
        if (!decoders.Kinds.Contains(kind)) throw UnavailableDecoderException.Missing(kind, decoders);
    }

    /// <summary>The network's bare answers to input tensors: what an export is compared by. V logits of a word, T × V of a sentence.</summary>
    /// <param name="inputs_CTHW">Each as <see cref="ClipInput"/> makes it; sentences may differ in length.</param>
    public IReadOnlyList<float[]> Logits(IReadOnlyList<float[]> inputs_CTHW)
    {
        ArgumentNullException.ThrowIfNull(inputs_CTHW);
        return Infer([.. inputs_CTHW.Select(NetworkInput.Of)]);
    }

    /// <summary>Lets go of the session once the reads under way are done. Repeatable.</summary>
    public void Dispose() => session.Dispose();

    private PreparedClip Prepared(MouthClip clip, WordSpan? span)
    {
        var (rate, seconds) = (clip.FramesPerSecond, clip.Length / clip.FramesPerSecond);
        if (Manifest.Task == ModelTask.Word)
            return new PreparedClip(NetworkInput.OfWord(clip, Manifest.Input, span), rate, Math.Clamp(span?.Start / rate ?? 0, 0, seconds), Math.Clamp(span?.End / rate ?? seconds, 0, seconds));
        var first = Math.Clamp((int)(span?.Start ?? 0), 0, clip.Length - 1);
        var last = Math.Clamp((int)Math.Ceiling(span?.End ?? clip.Length), first + 1, clip.Length);
        return new PreparedClip(NetworkInput.OfFrames(clip, Manifest.Input, first, last), rate, first / rate, last / rate);
    }

    private ClipReading Decode(float[] logits_TV, PreparedClip clip, DecoderKind kind)
    {
        var reading = SentenceReadings.Of(logits_TV, decoders![kind], kind, Manifest.Temperature, clip.FramesPerSecond, clip.Start);
        return reading with { Notes = reading.Text.Length > 0 ? Windowed(clip) : [.. Windowed(clip), "No word was read: the clip is too short for a sentence, or nobody speaks in it."] };
    }

    // A beam takes some ms a clip: a batch is decoded by as many threads as computed it.
    private void InParallel(int count, Action<int> decode)
    {
        if (count == 1 || decoders is null || threads == 1)
        {
            for (var b = 0; b < count; b++) decode(b);
            return;
        }
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, decode);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private string[] Windowed(PreparedClip clip)
    {
        var windows = SentenceWindows.Of(FramesOf(clip.Input), Manifest.Input.Frames).Count;
        return windows == 1 ? [] : [string.Create(CultureInfo.InvariantCulture, $"The clip is longer than any this model was trained on ({Manifest.Input.Frames} frames): it was read in {windows} windows.")];
    }

    private int FramesOf(NetworkInput input) => input.Length / (Manifest.Input.Channels * Manifest.Input.Size * Manifest.Input.Size);

    private float[][] Infer(NetworkInput[] inputs) => Manifest.Task == ModelTask.Word ? InferWords(inputs) : InferSentences(inputs);

    private float[][] InferWords(NetworkInput[] inputs)
    {
        var classes = Manifest.Vocabulary.Count;
        var logits_BV = Run([.. inputs.Select(input => new Stretch(input, 0, input.Length))], Manifest.Input.Frames, lengths: null);
        return [.. logits_BV.Chunk(classes)];
    }

    private float[][] InferSentences(NetworkInput[] inputs)
    {
        var (area, classes) = (Manifest.Input.Size * Manifest.Input.Size, Manifest.Vocabulary.Count);
        var windows = inputs.SelectMany((input, clip) => SentenceWindows.Of(FramesOf(input), Manifest.Input.Frames).Select(window => (clip, window))).ToArray();
        var longest = windows.Max(w => w.window.Length);
        var logits_BTV = Run([.. windows.Select(w => new Stretch(inputs[w.clip], w.window.Start * area, w.window.Length * area))], longest, [.. windows.Select(w => (long)w.window.Length)]);
        var logits = inputs.Select(input => new float[FramesOf(input) * classes]).ToArray();
        for (var b = 0; b < windows.Length; b++)
        {
            var (clip, window) = windows[b];
            logits_BTV.AsSpan((b * longest + window.KeepFrom - window.Start) * classes, (window.KeepTo - window.KeepFrom) * classes).CopyTo(logits[clip].AsSpan(window.KeepFrom * classes));
        }
        return logits;
    }

    // One pass: inputs shorter than `frames` are padded with zeros.
    private float[] Run(Stretch[] inputs, int frames, long[]? lengths)
    {
        var spec = Manifest.Input;
        var (batch, one) = (inputs.Length, spec.Channels * frames * spec.Size * spec.Size);
        // Megabytes that are wanted again a moment later: rented, so that they needn't be collected.
        var rented_BCTHW = ArrayPool<float>.Shared.Rent(batch * one);
        try
        {
            for (var b = 0; b < batch; b++)
            {
                inputs[b].Input.Write(inputs[b].From, rented_BCTHW.AsSpan(b * one, inputs[b].Length));
                rented_BCTHW.AsSpan(b * one + inputs[b].Length, one - inputs[b].Length).Clear();
            }
            return Run(rented_BCTHW.AsMemory(0, batch * one), batch, frames, lengths);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented_BCTHW);
        }
    }

    private float[] Run(Memory<float> input_BCTHW, int batch, int frames, long[]? lengths)
    {
        var spec = Manifest.Input;
        using var hold = session.Hold();
        using var tensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, input_BCTHW, [batch, spec.Channels, frames, spec.Size, spec.Size]);
        using var lengthTensor = lengths is null ? null : OrtValue.CreateTensorValueFromMemory(lengths, [batch]);
        using var run = new RunOptions();
        using var outputs = lengthTensor is null
            ? hold.Session.Run(run, [hold.Session.InputNames[0]], [tensor], [hold.Session.OutputNames[0]])
            : hold.Session.Run(run, [ModelShapes.ClipName, ModelShapes.LengthName], [tensor, lengthTensor], [hold.Session.OutputNames[0]]);
        var logits = outputs[0].GetTensorDataAsSpan<float>();
        var expected = batch * Manifest.Vocabulary.Count * (lengths is null ? 1 : frames);
        return logits.Length == expected
            ? logits.ToArray()
            : throw new UnusableModelException($"The network gave {logits.Length} logits for {batch} clips and {Manifest.Vocabulary.Count} classes. Export the model again.");
    }

    /// <summary>What of an input a pass reads.</summary>
    private readonly record struct Stretch(NetworkInput Input, int From, int Length);
}

/// <summary>A clip that was checked and made into a network's input.</summary>
/// <param name="Input">The input tensor.</param>
/// <param name="FramesPerSecond">Its frames a second.</param>
/// <param name="Start">Where the word, or what is read, starts, in seconds.</param>
/// <param name="End">Where it ends.</param>
public sealed record PreparedClip(NetworkInput Input, double FramesPerSecond, double Start, double End)
{
    /// <summary>What reads a sentence; null: the model's default.</summary>
    public DecoderKind? Decoder { get; init; }
}
