using System.Runtime.InteropServices;
using LipSol.Language.Decoding;
using LipSol.Language.Scoring;
using LipSol.Models.Layers;
using LipSol.Models.Networks;
using LipSol.Models.Training;
using static TorchSharp.torch;

namespace LipSol.Models.Samples;

/// <summary>Clips of different lengths, padded with zeros, and what is said in each.</summary>
/// <param name="Clip_BCTHW">The network's input.</param>
/// <param name="Length_B">Frames of each clip.</param>
/// <param name="Letters_B">The letters of each clip, as the alphabet numbers them.</param>
/// <param name="Spoken_B">The frames of each clip in which they may be written: from the first up to, not including, the second.</param>
internal sealed class SentenceBatch(Tensor Clip_BCTHW, long[] Length_B, int[][] Letters_B, (int From, int To)[] Spoken_B) : Batch
{
    // The log probability that is taken from letters where none may be written. Finite: a clip whose times are wrong still has a path.
    private const float Forbidden = -30;

    public Tensor Clip_BCTHW { get; } = Clip_BCTHW;

    public long[] Length_B { get; } = Length_B;

    public int[][] Letters_B { get; } = Letters_B;

    public (int From, int To)[] Spoken_B { get; } = Spoken_B;

    public override int Clips => Length_B.Length;

    /// <summary>CTC's loss by letter.</summary>
    public override BatchLoss Loss(Network network, Device device)
    {
        var logits_BTV = network.call(Clip_BCTHW.to(device), new ClipMask(Length_B, Clip_BCTHW.shape[2], device));
        var logProbs_BTV = nn.functional.log_softmax(logits_BTV, 2);
        var letters = Letters_B.Sum(l => l.Length);
        using var share = new Factor(1.0 / letters);
        var loss = nn.functional.ctc_loss((logProbs_BTV + Silence_BTV(network.Classes).to(device)).transpose(0, 1), tensor(Letters_B.SelectMany(l => l).Select(l => (long)l).ToArray(), device: device),
            tensor(Length_B), tensor(Letters_B.Select(l => (long)l.Length).ToArray()), blank: Alphabet.Blank, reduction: nn.Reduction.Sum).mul(share.Scalar);
        var (frames, classes) = ((int)Clip_BCTHW.shape[2], network.Classes);
        var read_BTV = logProbs_BTV.detach().cpu().contiguous().data<float>().ToArray();
        var wrong = Letters_B.Select((expected, b) =>
            (long)EditDistance.Between<int>(expected, GreedyCtcDecoder.Decode(read_BTV.AsSpan(b * frames * classes, (int)Length_B[b] * classes), classes).Letters)).Sum();
        return new BatchLoss(loss, Math.Max(0, letters - wrong), letters);
    }

    private Tensor Silence_BTV(int classes)
    {
        var silence_BTV = zeros([Clips, Clip_BCTHW.shape[2], classes], dtype: ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(silence_BTV.bytes);
        var frames = (int)Clip_BCTHW.shape[2];
        for (var b = 0; b < Clips; b++)
        {
            for (var t = 0; t < frames; t++)
                if (t < Spoken_B[b].From || t >= Spoken_B[b].To) values.Slice((b * frames + t) * classes + Alphabet.Blank + 1, classes - 1).Fill(Forbidden);
        }
        return silence_BTV;
    }

    public override void Dispose() => Clip_BCTHW.Dispose();

    /// <summary>CTC's loss of one clip, in all.</summary>
    public static double LossOf(float[] logProbs_TV, int classes, int[] letters)
    {
        using var scope = NewDisposeScope();
        var logProbs_TBV = tensor(logProbs_TV).reshape(-1, 1, classes);
        return nn.functional.ctc_loss(logProbs_TBV, tensor(letters.Select(l => (long)l).ToArray()), tensor([logProbs_TBV.shape[0]]), tensor([(long)letters.Length]), Alphabet.Blank, reduction: nn.Reduction.Sum).data<float>()[0];
    }
}
