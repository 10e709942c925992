using System.Runtime.InteropServices;
using LipSol.Clips;
using LipSol.Models.Networks;
using LipSol.Models.Samples;
using static TorchSharp.torch;

namespace LipSol.Models.Prediction;

/// <summary>Reads samples with a network as serving would: no augmentation, weights as they are, evaluation mode.</summary>
internal sealed class WordReader(WordNetwork network, Device device, int batchSize = 32)
{
    /// <summary>The logits of each sample, in order.</summary>
    public IReadOnlyList<float[]> Logits(IReadOnlyList<WordExample> examples, Action<double>? progress = null)
    {
        var wasTraining = network.training;
        network.eval();
        using var none = no_grad();
        var logits = new List<float[]>(examples.Count);
        var spec = network.Input;
        foreach (var chunk in examples.Chunk(batchSize))
        {
            using var scope = NewDisposeScope();
            var clip_BCTHW = empty([chunk.Length, spec.Channels, spec.Frames, spec.Size, spec.Size], dtype: ScalarType.Float32);
            var pixels = MemoryMarshal.Cast<byte, float>(clip_BCTHW.bytes);
            for (var b = 0; b < chunk.Length; b++)
                ClipInput.Write(chunk[b].Clip, spec, chunk[b].Span, new ClipView(), pixels.Slice(b * spec.Length, spec.Length));
            var flat = network.call(clip_BCTHW.to(device)).cpu().data<float>().ToArray();
            for (var b = 0; b < chunk.Length; b++) logits.Add(flat[(b * network.Classes)..((b + 1) * network.Classes)]);
            progress?.Invoke((double)logits.Count / examples.Count);
        }
        network.train(wasTraining);
        return logits;
    }
}
