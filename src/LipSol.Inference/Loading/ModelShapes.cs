using Microsoft.ML.OnnxRuntime;

namespace LipSol.Inference;

/// <summary>Whether a network's inputs and outputs are those that its manifest describes.</summary>
internal static class ModelShapes
{
    public const string ClipName = "clip_BCTHW";
    public const string LengthName = "length_B";

    /// <exception cref="UnusableModelException">They aren't.</exception>
    public static void Check(InferenceSession native, ModelManifest manifest, string path)
    {
        var sentences = manifest.Task == ModelTask.Characters;
        var inputs = native.InputMetadata;
        if (sentences ? !(inputs.Count == 2 && inputs.ContainsKey(ClipName) && inputs.TryGetValue(LengthName, out var length) && length.ElementType == typeof(long)) : inputs.Count != 1)
            throw new UnusableModelException($"{path} has the inputs {string.Join(", ", inputs.Keys)}; {(sentences ? $"{ClipName} and {LengthName} are" : $"one, {ClipName}, is")} needed.");
        var input = sentences ? inputs[ClipName] : inputs.Values.First();
        int[] wanted = [-1, manifest.Input.Channels, sentences ? -1 : manifest.Input.Frames, manifest.Input.Size, manifest.Input.Size];
        // -1 in the file is a dimension left open.
        if (input.ElementType != typeof(float) || input.Dimensions.Length != 5 || input.Dimensions.Zip(wanted).Any(d => d.First > 0 && d.Second > 0 && d.First != d.Second))
            throw new UnusableModelException($"{path} reads [{string.Join('×', input.Dimensions)}], but {ModelManifestFile.Name} describes [{string.Join('×', wanted)}]. Export the model again.");
        var output = native.OutputMetadata.Values.First();
        if (output.ElementType != typeof(float) || (output.Dimensions is [.., > 0] && output.Dimensions[^1] != manifest.Vocabulary.Count))
            throw new UnusableModelException($"{path} has {output.Dimensions[^1]} classes, but {ModelManifestFile.Name} names {manifest.Vocabulary.Count}. Export the model again.");
    }
}
