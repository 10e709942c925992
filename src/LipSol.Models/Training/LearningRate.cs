namespace LipSol.Models.Training;

/// <summary>Warm-up, then half a cosine down to 0 (Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983). In epochs: they needn't have equally many steps.</summary>
internal readonly record struct LearningRate(double Largest, double WarmupEpochs, double Epochs)
{
    /// <summary>The rate of step <paramref name="step"/> (from 0) of <paramref name="steps"/> in <paramref name="epoch"/> (from 0).</summary>
    public double At(int epoch, int step, int steps)
    {
        var done = epoch + (double)step / steps;
        return done < WarmupEpochs
            ? Largest * Math.Min(1, (done + 1.0 / steps) / WarmupEpochs)
            : Largest * 0.5 * (1 + Math.Cos(Math.PI * (done - WarmupEpochs) / Math.Max(1e-9, Epochs - WarmupEpochs)));
    }
}
