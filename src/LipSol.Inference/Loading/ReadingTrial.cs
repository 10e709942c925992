using LipSol.Clips;

namespace LipSol.Inference;

/// <summary>Reads with a model that was just loaded: a network may load and fail on every clip, or on every batch, or answer with what isn't numbers. It also has the session take the memory that it needs.</summary>
internal static class ReadingTrial
{
    private const int Batch = 2;

    /// <exception cref="UnusableModelException">It can't read; the message says at what.</exception>
    public static void Run(LoadedModel model, string path)
    {
        Read(model, path, "a clip of zeros", [new float[model.Manifest.Input.Length]]);
        var random = new Random(1);
        Read(model, path, "two clips at once", [.. Enumerable.Range(0, Batch).Select(_ => Noise(random, model.Manifest.Input.Length))]);
    }

    private static void Read(LoadedModel model, string path, string what, float[][] inputs_CTHW)
    {
        try
        {
            if (model.Logits(inputs_CTHW).Any(logits => logits.Any(x => !float.IsFinite(x))))
                throw new UnusableModelException($"{path} loads and answers {what} with what isn't numbers (NaN or infinite): its weights are broken. Train anew, e.g. with a smaller learning rate.");
            model.Read([.. inputs_CTHW.Select(i => new PreparedClip(NetworkInput.Of(i), model.Manifest.Crop.FramesPerSecond, 0, 1))]);
        }
        catch (Exception e) when (e is not UnusableModelException)
        {
            throw new UnusableModelException($"{path} loads and can't read {what}, so it can't be served: {e.Message} Export the run's checkpoint again, or train anew.", e);
        }
    }

    // As normalised pictures are: about 0, most of it within 2.
    private static float[] Noise(Random random, int length)
    {
        var input_CTHW = new float[length];
        for (var i = 0; i < length; i++) input_CTHW[i] = (float)(4 * random.NextDouble() - 2);
        return input_CTHW;
    }
}
