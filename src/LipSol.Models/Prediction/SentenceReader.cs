using System.Runtime.InteropServices;
using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Networks;
using LipSol.Models.Samples;
using static TorchSharp.torch;

namespace LipSol.Models.Prediction;

/// <summary>What a network gives for a clip, T × V, row-major.</summary>
internal sealed record SentenceScores(float[] Logits_TV, float[] LogProbs_TV);

/// <summary>Reads whole clips with a sentence network as serving would: no augmentation, weights as they are, evaluation mode.</summary>
internal sealed class SentenceReader(SentenceNetwork network, Device device, int batchSize = 16)
{
    /// <summary>What the network gives for each clip, in the order of <paramref name="examples"/>.</summary>
    public IReadOnlyList<SentenceScores> Read(IReadOnlyList<SentenceExample> examples, Action<double>? progress = null)
    {
        var wasTraining = network.training;
        network.eval();
        using var none = no_grad();
        var scores = new SentenceScores[examples.Count];
        var done = 0;
        // Clips of about equal length together: little is padded.
        foreach (var chunk in Enumerable.Range(0, examples.Count).OrderBy(i => examples[i].Clip.Length).Chunk(batchSize))
        {
            using var scope = NewDisposeScope();
            var clips = chunk.Select(i => examples[i].Clip).ToArray();
            var frames = clips.Max(c => c.Length);
            var logits_BTV = network.call(Input(clips, network.Input).to(device), new ClipMask([.. clips.Select(c => (long)c.Length)], frames, device)).cpu();
            var (logits, logProbs) = (logits_BTV.contiguous().data<float>().ToArray(), nn.functional.log_softmax(logits_BTV, 2).contiguous().data<float>().ToArray());
            for (var b = 0; b < chunk.Length; b++)
            {
                var own = (b * frames * network.Classes)..((b * frames + clips[b].Length) * network.Classes);
                scores[chunk[b]] = new SentenceScores(logits[own], logProbs[own]);
            }
            progress?.Invoke((double)(done += chunk.Length) / examples.Count);
        }
        network.train(wasTraining);
        return scores;
    }

    /// <summary>Whole clips as a padded batch, clip_B1THW.</summary>
    public static Tensor Input(IReadOnlyList<PooledClip> clips, InputSpec spec)
    {
        var (frames, area) = (clips.Max(c => c.Length), spec.Size * spec.Size);
        var clip_BCTHW = zeros([clips.Count, 1, frames, spec.Size, spec.Size], dtype: ScalarType.Float32);
        var pixels = MemoryMarshal.Cast<byte, float>(clip_BCTHW.bytes);
        for (var b = 0; b < clips.Count; b++)
            ClipInput.WriteFrames(clips[b], spec, [.. Enumerable.Range(0, clips[b].Length)], new ClipView(), pixels.Slice(b * frames * area, clips[b].Length * area));
        return clip_BCTHW;
    }
}
