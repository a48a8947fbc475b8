DROP INDEX judge_results_figures;
