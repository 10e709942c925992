using LipSol.Language.Scoring;

namespace LipSol.Language.Evaluation;

/// <summary>What the figures of one scope stand on, and what kinds of error they count.</summary>
/// <param name="Samples">Samples.</param>
/// <param name="Clips">Clips that they come from.</param>
/// <param name="Speakers">Speakers.</param>
/// <param name="SpeakersDrawn">Speakers that the intervals draw with replacement, as they do with clips: such an interval is about speakers like these. Where it is fewer than
/// <paramref name="Speakers"/>, the others were too few (under five, seen and unseen counted apart), and the interval is about these speakers only.</param>
/// <param name="Words">Edits over words.</param>
/// <param name="Letters">Edits over code points, spaces included.</param>
public sealed record EvaluatedScope(int Samples, int Clips, int Speakers, int SpeakersDrawn, EditCounts Words, EditCounts Letters);
